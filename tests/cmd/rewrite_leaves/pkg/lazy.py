class Vectors:
    array = None

    def vector(self, x, y):
        array = self.array
        if array is None:
            from numpy import array
            self.array = array
        return array([x, y])

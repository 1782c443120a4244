from shared.wave import wave


def louder(n):
    x, _ = wave(n)
    return x * 2

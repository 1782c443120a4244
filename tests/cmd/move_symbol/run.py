from unittest import mock

import pkg.util
from pkg.util import LIMIT, norm

with mock.patch("pkg.util.LIMIT", 3):
    print(pkg.util.norm([3, 4]), norm([LIMIT]))

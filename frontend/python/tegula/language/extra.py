"""`from tegula.language.extra import libdevice`: a name for kernels, as all of
`tegula.language`."""

from . import _Name

libdevice = _Name("libdevice")

"""What can keep a card from being read, each with a sentence that says what to do.

ScannerError
├── NotInstalled   a library that the scanner needs is missing: nothing can be read
├── SourceError    what the codes should come from cannot be used
│   ├── NoSuchSource
│   ├── NoDevice
│   ├── DeviceBusy
│   ├── NoPermission
│   ├── TwoCandidates
│   └── DeviceLost
├── BadManifest    the folder of `scanner bench` does not say what is on its pictures
└── NotRead        this one picture or video could not be read
    ├── NoSuchPicture
    ├── NotAPicture
    └── NothingFound
"""


class ScannerError(Exception):
    """A reason not to have read a card; its text is one line for the person at the counter."""


class NotInstalled(ScannerError):
    """A library is missing, or it is there and does not load."""


class SourceError(ScannerError):
    """A reader, a camera or a file cannot be used now."""


class NoSuchSource(SourceError):
    """The text names no source that there is."""


class NoDevice(SourceError):
    """Nothing of that name is plugged in."""


class DeviceBusy(SourceError):
    """Another program holds the device."""


class NoPermission(SourceError):
    """The device is there and this user may not open it."""


class TwoCandidates(SourceError):
    """The name fits more than one device."""


class DeviceLost(SourceError):
    """The device was unplugged, or failed, while it was read."""


class NotRead(ScannerError):
    """This picture or video gave no number; others still may."""


class NoSuchPicture(NotRead):
    """The file does not exist, is a folder, or may not be read."""


class NotAPicture(NotRead):
    """The file holds nothing that OpenCV knows as a picture or a video."""


class NothingFound(NotRead):
    """The picture or video shows no code that the scanner knows."""


class BadManifest(ScannerError):
    """The folder to be measured has no list of its pictures, or one that cannot be read."""

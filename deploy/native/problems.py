"""Why the services cannot run natively."""


class NativeUnavailable(RuntimeError):
    """The system cannot run as plain processes here; the message says why and what to do, Chinese first."""


class BadCompose(NativeUnavailable):
    """docker-compose.yml or its variables say what native processes cannot keep; nothing has been started."""

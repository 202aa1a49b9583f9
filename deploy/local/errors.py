"""The faults of the local stack, in French, with the exit code that the command line gives."""


class StackError(RuntimeError):
    """A part of the stack could not be started, stopped or read: exit 1."""

    exit_code = 1


class MissingOnMachineError(StackError):
    """Something is not on this machine, the stack itself or what it needs: exit 3."""

    exit_code = 3

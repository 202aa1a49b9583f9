"""Rules of the modulation (Instruction DGEFP/SDPAE/MIP/2018/239), pure: frozen values in and out.

Facts (`facts`) become findings (`findings`), one row at a time; findings become candidates of a
group (`allocation`), which share its envelope.
"""

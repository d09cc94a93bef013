# From the manual of the module socket of a MicroPython port for DOS, whose shape is from the MicroPython documentation
# (MIT, (c) 2014-2024 Damien P. George and contributors): its lines, as written.
s.settimeout(0.1) # 100 ms; raises OSError(ETIMEDOUT) on expiry
try:
    data = s.recv(1024)
except OSError as e:
    if e.args[0] != errno.ETIMEDOUT:
        raise
    print('no data within 100 ms')

# From the manual of the module socket of a MicroPython port for DOS, whose shape is from the MicroPython documentation
# (MIT, (c) 2014-2024 Damien P. George and contributors): its lines, as written.
s = socket.socket() # TCP
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) # UDP

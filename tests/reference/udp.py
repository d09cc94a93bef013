# From the manual of the module socket of a MicroPython port for DOS, whose shape is from the MicroPython documentation
# (MIT, (c) 2014-2024 Damien P. George and contributors): its lines, as written.
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(('0.0.0.0', 0)) # any free port
u.sendto(b'ping', ('10.0.2.2', 9999))
data, addr = u.recvfrom(1500)
print('from', addr, ':', data)

# From the manual of the module socket of a MicroPython port for DOS, whose shape is from the MicroPython documentation
# (MIT, (c) 2014-2024 Damien P. George and contributors): its lines, as written.
s = socket.socket()
addr = socket.getaddrinfo('10.0.2.2', 1234)[0][-1]
s.connect(addr)
s.send(b'hello\n')
data = s.recv(1024)
s.close()

# From the manual of the module socket of a MicroPython port for DOS, whose shape is from the MicroPython documentation
# (MIT, (c) 2014-2024 Damien P. George and contributors): its lines, as written.
addr_info = socket.getaddrinfo('example.com', 80)
addr = addr_info[0][-1] # ('93.184.216.34', 80)
s.connect(addr)

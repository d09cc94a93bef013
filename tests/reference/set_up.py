# From the manual of the module socket of a MicroPython port for DOS, whose shape is from the MicroPython documentation
# (MIT, (c) 2014-2024 Damien P. George and contributors): its lines, as written.
import socket

import lwip, uc386_net
lwip.reset()
uc386_net.eth_init(False) # detect packet driver
uc386_net.eth_set_static('10.0.2.15', '255.255.255.0', '10.0.2.2')
# … or eth_set_dhcp() and wait for lease

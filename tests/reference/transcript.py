# From Paul Sokolovsky's "BSD Sockets like API: prototyping report #1" (MicroPython on a native stack, 2017): the lines
# of his session, as typed after "=== ".
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(("", 80))
# Non-existent URL is used on purpose, to get shorter reply
s.send(b"GET /foo HTTP/1.0\r\n\r\n")
s.recv(1000)
# always EOF

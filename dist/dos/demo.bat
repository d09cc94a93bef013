@ECHO OFF
REM DEMO [URL]: fetches a page and serves one.
NE2000 > NUL
MP DEMO.PY %1

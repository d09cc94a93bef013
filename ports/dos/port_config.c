/**
 * What the user's configuration files say of the network: mTCP's, which the variable MTCPCFG names, or else the
 * WATTCP.CFG of Waterloo TCP and Watt-32, in the folder that the variable WATTCP.CFG names, in the working directory, or
 * next to the program.
 *
 * An address in them is used unless mTCP's DHCP client wrote it: such a lease (TIMESTAMP) may have ended long ago, and DHCP
 * asks for another one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "dos/dos.h"
#include "port.h"

#define FILE_MAX    8192u
#define PATH_SIZE   260u
#define ADDRESS_LEN 16u /* of 255.255.255.255 and its end */
#define SERVERS_LEN 100u
#define NAME_LEN    64u

enum key { ADDRESS, NETMASK, GATEWAY, NAMESERVER, HOSTNAME, MTU, INTERRUPT, LEASED, OTHER };

/* How the two call them. */
static const struct {
  const char *name;
  enum key key;
} keys[] = {
  { "IPADDR", ADDRESS },        { "MY_IP", ADDRESS },    { "IP", ADDRESS },
  { "NETMASK", NETMASK },       { "GATEWAY", GATEWAY },  { "HOSTNAME", HOSTNAME },
  { "NAMESERVER", NAMESERVER }, { "MTU", MTU },          { "PACKETINT", INTERRUPT },
  { "PKT.VECTOR", INTERRUPT },  { "TIMESTAMP", LEASED },
};

static struct {
  char path[PATH_SIZE];
  char address[ADDRESS_LEN], netmask[ADDRESS_LEN], gateway[ADDRESS_LEN];
  char servers[SERVERS_LEN];
  char hostname[NAME_LEN];
  char ip4[3 * ADDRESS_LEN];
  char link[32];
  unsigned interrupt, mtu;
  bool leased;
} config;

static void
complain(const char *what, const char *value)
{
  fprintf(stderr, "%s: %s is no %s, and is left out\n", config.path, value, what);
}

/* A dotted quad as a number. @return false when it is none */
static bool
read_quad(const char *text, uint32_t *quad)
{
  unsigned i;

  *quad = 0;
  for (i = 0; i < 4; i++) {
    char *end;
    unsigned long part = strtoul(text, &end, 10);

    if (end == text || part > 255 || *end != (i < 3 ? '.' : '\0')) {
      return false;
    }
    *quad = *quad << 8 | (uint32_t)part;
    text = end + 1;
  }
  return true;
}

static void
take_address(const char *value, char to[ADDRESS_LEN], const char *what)
{
  uint32_t quad;

  if (read_quad(value, &quad)) {
    strlcpy(to, value, ADDRESS_LEN);
  } else {
    complain(what, value);
  }
}

/* WATTCP.CFG may name several in one line, or in several. */
static void
take_servers(char *value)
{
  char *server;

  for (server = strtok(value, ", \t"); server != NULL; server = strtok(NULL, ", \t")) {
    uint32_t quad;

    if (!read_quad(server, &quad)) {
      complain("address of a name server", server);
    } else if (strlen(config.servers) + ADDRESS_LEN + 1 < sizeof(config.servers)) {
      strcat(config.servers, config.servers[0] != '\0' ? "," : "");
      strcat(config.servers, server);
    }
  }
}

static void
take_number(const char *value, unsigned least, unsigned most, unsigned *to, const char *what)
{
  char *end;
  unsigned long number = strtoul(value, &end, 0);

  if (end == value || *end != '\0' || number < least || number > most) {
    complain(what, value);
  } else {
    *to = (unsigned)number;
  }
}

static bool
names_dhcp(const char *value)
{
  return strcasecmp(value, "DHCP") == 0 || strcasecmp(value, "BOOTP") == 0 || strcasecmp(value, "RARP") == 0;
}

static void
take_value(enum key key, char *value)
{
  switch (key) {
  case ADDRESS:
    if (!names_dhcp(value)) {
      take_address(value, config.address, "address");
    }
    break;
  case NETMASK:
    take_address(value, config.netmask, "netmask");
    break;
  case GATEWAY:
    take_address(value, config.gateway, "address of a gateway");
    break;
  case NAMESERVER:
    take_servers(value);
    break;
  case HOSTNAME:
    strlcpy(config.hostname, value, sizeof(config.hostname));
    break;
  case MTU:
    take_number(value, 576, 1500, &config.mtu, "MTU from 576 to 1500");
    break;
  case INTERRUPT:
    take_number(value, 0x20, 0xff, &config.interrupt, "interrupt of a packet driver");
    break;
  case LEASED:
    config.leased = true;
    break;
  case OTHER:
    break;
  }
}

/* NAME VALUE, or NAME = VALUE. */
static void
read_line(char *line)
{
  char *name = line + strspn(line, " \t");
  char *value = name + strcspn(name, " \t=");
  enum key key = OTHER;
  size_t len;
  unsigned i;

  if (*name == '#' || *name == ';' || *value == '\0') {
    return;
  }
  len = strspn(value, " \t=");
  *value = '\0';
  value += len;
  value[strcspn(value, "#;")] = '\0';
  for (len = strlen(value); len > 0 && strchr(" \t\r\"", value[len - 1]) != NULL; len--) {
    value[len - 1] = '\0';
  }
  value += *value == '"';
  for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    if (strcasecmp(keys[i].name, name) == 0) {
      key = keys[i].key;
    }
  }
  if (*value != '\0') {
    take_value(key, value);
  }
}

/* @return whether there is such a file */
static bool
read_file(const char *path)
{
  int fd = open(path, O_RDONLY);
  char *text, *line, *next;
  ssize_t len;

  if (fd < 0) {
    return false;
  }
  strlcpy(config.path, path, sizeof(config.path));
  text = malloc(FILE_MAX + 1);
  len = text != NULL ? read(fd, text, FILE_MAX) : 0;
  (void)close(fd);
  if (len > 0) {
    text[len] = '\0';
    for (line = text; line != NULL; line = next) {
      next = strchr(line, '\n');
      if (next != NULL) {
        *next++ = '\0';
      }
      read_line(line);
    }
  }
  free(text);
  return true;
}

static bool
read_wattcp(const char *folder, size_t len)
{
  char path[PATH_SIZE];

  if (len + sizeof("\\WATTCP.CFG") > sizeof(path)) {
    return false;
  }
  memcpy(path, folder, len);
  strcpy(path + len, len > 0 && path[len - 1] != '\\' ? "\\WATTCP.CFG" : "WATTCP.CFG");
  return read_file(path);
}

/* ADDRESS/LEN,GATEWAY, as BARESOCK_IP4 has it. */
static void
make_ip4(void)
{
  uint32_t mask = 0xffffff00;
  unsigned len = 0;

  if (config.address[0] == '\0' || config.leased) {
    return;
  }
  if (config.netmask[0] != '\0') {
    (void)read_quad(config.netmask, &mask);
  }
  while (len < 32 && (mask << len & 0x80000000u)) {
    len++;
  }
  if (len < 32 && mask << len != 0) {
    complain("netmask", config.netmask);
    return;
  }
  snprintf(config.ip4, sizeof(config.ip4), "%s/%u%s%s", config.address, len, config.gateway[0] != '\0' ? "," : "",
           config.gateway);
}

static void
read_config(void)
{
  static bool done;
  const char *mtcp = getenv("MTCPCFG");
  const char *wattcp = getenv("WATTCP.CFG");

  if (done) {
    return;
  }
  done = true;
  if (!(mtcp != NULL && read_file(mtcp)) && !(wattcp != NULL && read_wattcp(wattcp, strlen(wattcp))) &&
      !read_wattcp("", 0)) {
    (void)read_wattcp(dos_program(), dos_folder_len(dos_program()));
  }
  make_ip4();
}

const char *
port_setting(const char *name)
{
  const char *value = NULL;

  read_config();
  if (strcmp(name, "BARESOCK_IP4") == 0) {
    value = config.ip4;
  } else if (strcmp(name, "BARESOCK_DNS") == 0) {
    value = config.servers;
  } else if (strcmp(name, "BARESOCK_HOSTNAME") == 0) {
    value = config.hostname;
  }
  return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
dos_packet_driver(void)
{
  read_config();
  strcpy(config.link, "pktdrv");
  if (config.interrupt != 0) {
    snprintf(config.link + strlen(config.link), sizeof(config.link) - strlen(config.link), ":0x%x", config.interrupt);
  }
  if (config.mtu != 0) {
    snprintf(config.link + strlen(config.link), sizeof(config.link) - strlen(config.link), "%cmtu=%u",
             config.interrupt != 0 ? ',' : ':', config.mtu);
  }
  return config.link;
}

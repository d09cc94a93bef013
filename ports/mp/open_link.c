// The link that the command line or the environment names.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "py/runtime.h"

#include "baresock/net.h"
#include "port.h"
#include "ports/mp/program.h"
#include "python/pynet.h"

// Whether the environment says something about the network.
static bool environment_names_network(void) {
    static const char *const names[] = {
        "BARESOCK_LINK", "BARESOCK_IP4", "BARESOCK_IP6", "BARESOCK_DNS", "BARESOCK_HOSTNAME",
    };
    for (size_t i = 0; i < MP_ARRAY_SIZE(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return true;
        }
    }
    return false;
}

// Says in one sentence who named a link that can't be used, and why it can't.
static NORETURN void refuse_link(void) {
    const char *why = bs_net_why()[0] != '\0' ? bs_net_why() : strerror(errno);
    if (strncmp(why, "BARESOCK_", strlen("BARESOCK_")) == 0) {
        program_refuse("%s", why);
    }
    program_refuse("%s: %s", program_options.link != NULL ? "--link" : program_options.capture != NULL ? "--capture" : "BARESOCK_LINK", why);
}

// Opens a link that somebody named at once, so that what is wrong with it is told before anything runs. The variable
// makes it the default link, also after lwip.reset().
void program_open_link(void) {
    char string[BS_LINK_STRING];
    const char *base = program_options.link;
    size_t len;

    if (program_options.link == NULL && program_options.capture == NULL && !environment_names_network()) {
        return;
    }
    if (base == NULL) {
        base = getenv("BARESOCK_LINK");
    }
    if (base == NULL || base[0] == '\0') {
        base = port_default_link();
    }
    len = strlen(base);
    if (len < sizeof(string)) {
        strcpy(string, base);
    }
    if (program_options.capture != NULL && len + sizeof("+capture:") < sizeof(string)) {
        strcpy(string + len, "+capture:");
        len += strlen("+capture:");
        for (const char *p = program_options.capture; *p != '\0' && len + 2 < sizeof(string); p++) {
            if (strchr("+,\\=", *p) != NULL) {
                string[len++] = '\\';
            }
            string[len++] = *p;
        }
        string[len] = '\0';
        if (len + 2 >= sizeof(string)) {
            len = sizeof(string);
        }
    }
    if (len >= sizeof(string)) {
        program_refuse("%s: too long", program_options.link != NULL ? "--link" : "--capture");
    }
    setenv("BARESOCK_LINK", string, 1);
    if (bs_net_up(string, NULL) < 0) {
        refuse_link();
    }
    pynet_use();
}

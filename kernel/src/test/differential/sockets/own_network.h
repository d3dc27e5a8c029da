/* A network of its own where that can be had, so that nobody else's packets come. */
#ifndef OWN_NETWORK_H
#define OWN_NETWORK_H
#include "../difftest.h"
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

UNUSED static void own_network(void) {
  if (unshare(CLONE_NEWNET) == 0) {
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    ioctl(s, SIOCSIFFLAGS, &r);
    close(s);
  }
}
#endif

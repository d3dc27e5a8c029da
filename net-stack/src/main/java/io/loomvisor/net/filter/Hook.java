package io.loomvisor.net.filter;

/** Where on a packet's way rules are asked; the name of the built-in chain there. */
public enum Hook {
  PREROUTING,
  INPUT,
  FORWARD,
  OUTPUT,
  POSTROUTING
}

package io.loomvisor.net.filter.match;

import io.loomvisor.net.filter.Subject;

/** Asks one question of packets. Any thread may call. */
@FunctionalInterface
public interface Test {
  boolean matches(Subject s);
}

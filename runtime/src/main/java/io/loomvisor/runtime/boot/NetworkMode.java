package io.loomvisor.runtime.boot;

/** The network of {@code loomvisor do}. */
public enum NetworkMode {
  /** A loopback interface that is down, as in a fresh network namespace. */
  NONE,
  /** A loopback interface. */
  LOOPBACK,
  /** That and what the launcher has put into the sentry's network namespace. */
  SANDBOX,
  /** The host's, through a socket gofer. */
  HOST
}

package io.loomvisor.benchmarks.net;

import java.io.IOException;

/** A way to get bytes from one end of a connection to the other. Nothing waits. */
interface Streams extends AutoCloseable {
  /** Opens one more connection; its number. */
  int open() throws IOException;

  /** Bytes taken, 0 if there is no room. */
  int write(int connection, boolean fromFar, byte[] a, int length) throws IOException;

  /** Bytes given, 0 if there are none. */
  int read(int connection, boolean atFar, byte[] a, int length) throws IOException;

  /** Ends a connection by a reset, so that no port stays taken. */
  void reset(int connection) throws IOException;

  @Override
  void close() throws IOException;
}

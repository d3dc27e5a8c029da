package io.loomvisor.net.socket;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Numbers that nobody can guess: the host's generator, random(4). Opened once; who will not be able
 * to open files later takes one before. java.security.SecureRandom reads the same file, but starts
 * the JDK's security providers before, which takes tens of milliseconds.
 */
final class Secrets {
  private static final DataInputStream URANDOM = open();

  private Secrets() {}

  private static DataInputStream open() {
    try {
      return new DataInputStream(new FileInputStream("/dev/urandom"));
    } catch (IOException e) {
      throw new UncheckedIOException("the host has no random numbers", e);
    }
  }

  /** For several threads at a time: whatever bytes each gets. */
  static long next() {
    byte[] bytes = new byte[Long.BYTES];
    try {
      URANDOM.readFully(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("/dev/urandom", e);
    }
    long value = 0;
    for (byte b : bytes) {
      value = value << Byte.SIZE | b & 0xff;
    }
    return value;
  }
}

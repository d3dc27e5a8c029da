package io.loomvisor.gofer.host;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.random.RandomGenerator;

/**
 * The host's generator, random(4): the file is opened once, as a sentry that is locked in opens
 * none. java.security.SecureRandom reads the same file, but starts the JDK's security providers
 * before, which takes longer than anything else on the way of a start (docs/performance.md).
 */
public final class HostRandom implements RandomGenerator {
  private static final InputStream URANDOM = open();

  private static InputStream open() {
    try {
      return new FileInputStream("/dev/urandom");
    } catch (IOException e) {
      throw new UncheckedIOException("the host has no random numbers", e);
    }
  }

  @Override
  public void nextBytes(byte[] bytes) {
    try {
      if (URANDOM.readNBytes(bytes, 0, bytes.length) != bytes.length) {
        throw new IllegalStateException("/dev/urandom has an end");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("/dev/urandom", e);
    }
  }

  @Override
  public long nextLong() {
    byte[] bytes = new byte[Long.BYTES];
    nextBytes(bytes);
    long value = 0;
    for (byte b : bytes) {
      value = value << Byte.SIZE | b & 0xff;
    }
    return value;
  }
}

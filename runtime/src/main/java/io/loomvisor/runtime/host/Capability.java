package io.loomvisor.runtime.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process may do on the host (capabilities(7)). */
public enum Capability {
  CAP_SETGID(6),
  CAP_SETUID(7),
  CAP_NET_BIND_SERVICE(10),
  CAP_NET_ADMIN(12),
  CAP_NET_RAW(13),
  CAP_SYS_ADMIN(21);

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String EFFECTIVE = "CapEff:";
  private static final int HEXADECIMAL = 16;

  private final int number;

  Capability(int number) {
    this.number = number;
  }

  /** Its bit in a set. */
  public long bit() {
    return 1L << number;
  }

  /** Whether the process has it in effect. */
  public boolean held() throws IOException {
    for (String line : Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1)) {
      if (line.startsWith(EFFECTIVE)) {
        String set = line.substring(EFFECTIVE.length()).strip();
        return (Long.parseUnsignedLong(set, HEXADECIMAL) >>> number & 1) != 0;
      }
    }
    throw new IOException(STATUS + " has no " + EFFECTIVE);
  }
}

package io.loomvisor.runtime.boot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the sandbox takes over from the host at boot. */
final class HostFacts {
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final Path MEMORY = Path.of("/proc/meminfo");

  private HostFacts() {}

  /** The host's name as uname(2) gives it. */
  static String hostName() throws IOException {
    return Files.readString(HOST_NAME, StandardCharsets.ISO_8859_1).strip();
  }

  /** Physical memory in bytes. */
  static long memoryTotal() throws IOException {
    for (String line : Files.readAllLines(MEMORY, StandardCharsets.ISO_8859_1)) {
      if (line.startsWith("MemTotal:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException(MEMORY + " has no MemTotal");
  }

  /**
   * What the host shows for an inherited descriptor: "pipe:[17]", or a path. Null if it was closed
   * when the JVM started, which then opens its class files there.
   */
  static String descriptorName(int fd) {
    try {
      String name = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
      return name.startsWith(System.getProperty("java.home")) ? null : name;
    } catch (IOException e) {
      return "host:[" + fd + "]"; // no /proc on the host: the name is for people only
    }
  }
}

package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process takes of the host's memory, from /proc/PID/smaps_rollup (proc_pid_smaps(5)), in
 * KiB.
 *
 * @param resident pages in memory, shared ones included
 * @param proportional the same with each shared page divided by the number of processes that share
 *     it
 */
record ProcessMemory(long resident, long proportional) {
  static ProcessMemory of(ProcessHandle process) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup"));
    return new ProcessMemory(field(lines, "Rss:"), field(lines, "Pss:"));
  }

  private static long field(List<String> lines, String name) {
    return lines.stream()
        .filter(l -> l.startsWith(name))
        .mapToLong(l -> Long.parseLong(l.substring(name.length()).replace("kB", "").trim()))
        .findFirst()
        .orElse(0);
  }

  /** The JVMs among a process and its descendants: sentry and gofer. */
  static List<ProcessHandle> machines(Process launched) {
    return Stream.concat(Stream.of(launched.toHandle()), launched.descendants())
        .filter(p -> p.info().command().filter(c -> c.endsWith("/java")).isPresent())
        .toList();
  }
}

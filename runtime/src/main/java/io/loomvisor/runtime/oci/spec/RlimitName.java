package io.loomvisor.runtime.oci.spec;

import java.util.List;

/** Names of resource limits by number (include/uapi/asm-generic/resource.h). */
final class RlimitName {
  private static final List<String> ALL =
      List.of(
          "RLIMIT_CPU",
          "RLIMIT_FSIZE",
          "RLIMIT_DATA",
          "RLIMIT_STACK",
          "RLIMIT_CORE",
          "RLIMIT_RSS",
          "RLIMIT_NPROC",
          "RLIMIT_NOFILE",
          "RLIMIT_MEMLOCK",
          "RLIMIT_AS",
          "RLIMIT_LOCKS",
          "RLIMIT_SIGPENDING",
          "RLIMIT_MSGQUEUE",
          "RLIMIT_NICE",
          "RLIMIT_RTPRIO",
          "RLIMIT_RTTIME");

  private RlimitName() {}

  /** -1 if there is none. */
  static int number(String name) {
    return ALL.indexOf(name);
  }
}

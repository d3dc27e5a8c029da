package io.loomvisor.kernel.strace;

/** Names of constants of scheduling, memory policies, asynchronous I/O and confinement. */
final class SystemNames {
  static final Names IOPRIO_WHO =
      Names.choice("IOPRIO_WHO_", "IOPRIO_WHO_PROCESS 1", "IOPRIO_WHO_PGRP 2", "IOPRIO_WHO_USER 3");

  static final Names KCMP =
      Names.choice(
          "KCMP_",
          "KCMP_FILE 0",
          "KCMP_VM 1",
          "KCMP_FILES 2",
          "KCMP_FS 3",
          "KCMP_SIGHAND 4",
          "KCMP_IO 5",
          "KCMP_SYSVSEM 6",
          "KCMP_EPOLL_TFD 7");

  static final Names MEMORY_POLICY =
      Names.choice(
          "MPOL_",
          "MPOL_DEFAULT 0",
          "MPOL_PREFERRED 1",
          "MPOL_BIND 2",
          "MPOL_INTERLEAVE 3",
          "MPOL_LOCAL 4",
          "MPOL_PREFERRED_MANY 5",
          "MPOL_WEIGHTED_INTERLEAVE 6");

  static final Names MEMORY_POLICY_QUERY =
      Names.flags("MPOL_F_", "MPOL_F_NODE 1", "MPOL_F_ADDR 2", "MPOL_F_MEMS_ALLOWED 4");

  static final Names MEMBARRIER =
      Names.choice(
          "MEMBARRIER_CMD_",
          "MEMBARRIER_CMD_QUERY 0",
          "MEMBARRIER_CMD_GLOBAL 1",
          "MEMBARRIER_CMD_GLOBAL_EXPEDITED 2",
          "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED 4",
          "MEMBARRIER_CMD_PRIVATE_EXPEDITED 8",
          "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED 16",
          "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE 32",
          "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE 64",
          "MEMBARRIER_CMD_GET_REGISTRATIONS 512");

  static final Names MLOCKALL =
      Names.flags("MCL_", "MCL_CURRENT 1", "MCL_FUTURE 2", "MCL_ONFAULT 4");

  static final Names SECCOMP =
      Names.choice(
          "SECCOMP_",
          "SECCOMP_SET_MODE_STRICT 0",
          "SECCOMP_SET_MODE_FILTER 1",
          "SECCOMP_GET_ACTION_AVAIL 2",
          "SECCOMP_GET_NOTIF_SIZES 3");

  static final Names SECCOMP_FLAGS =
      Names.flags(
          "SECCOMP_FILTER_FLAG_",
          "SECCOMP_FILTER_FLAG_TSYNC 1",
          "SECCOMP_FILTER_FLAG_LOG 2",
          "SECCOMP_FILTER_FLAG_SPEC_ALLOW 4",
          "SECCOMP_FILTER_FLAG_NEW_LISTENER 8",
          "SECCOMP_FILTER_FLAG_TSYNC_ESRCH 16",
          "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV 32");

  private SystemNames() {}
}

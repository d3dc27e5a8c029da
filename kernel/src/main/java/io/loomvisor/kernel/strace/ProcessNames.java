package io.loomvisor.kernel.strace;

/** Names of constants of processes, threads, memory, time and resources. */
final class ProcessNames {
  static final Names PROTECTION =
      Names.flags(
          "PROT_",
          "PROT_NONE 0",
          "PROT_READ 1",
          "PROT_WRITE 2",
          "PROT_EXEC 4",
          "PROT_SEM 8",
          "PROT_GROWSDOWN 0x1000000",
          "PROT_GROWSUP 0x2000000");

  static final Names MAP =
      Names.flags(
          "MAP_",
          "MAP_SHARED_VALIDATE 3",
          "MAP_SHARED 1",
          "MAP_PRIVATE 2",
          "MAP_FIXED 0x10",
          "MAP_ANONYMOUS 0x20",
          "MAP_32BIT 0x40",
          "MAP_NORESERVE 0x4000",
          "MAP_POPULATE 0x8000",
          "MAP_NONBLOCK 0x10000",
          "MAP_GROWSDOWN 0x100",
          "MAP_DENYWRITE 0x800",
          "MAP_EXECUTABLE 0x1000",
          "MAP_LOCKED 0x2000",
          "MAP_STACK 0x20000",
          "MAP_HUGETLB 0x40000",
          "MAP_SYNC 0x80000",
          "MAP_FIXED_NOREPLACE 0x100000");

  static final Names MREMAP =
      Names.flags("MREMAP_", "MREMAP_MAYMOVE 1", "MREMAP_FIXED 2", "MREMAP_DONTUNMAP 4");

  static final Names MSYNC = Names.flags("MS_", "MS_ASYNC 1", "MS_INVALIDATE 2", "MS_SYNC 4");

  static final Names MADVISE =
      Names.choice(
          "MADV_",
          "MADV_NORMAL 0",
          "MADV_RANDOM 1",
          "MADV_SEQUENTIAL 2",
          "MADV_WILLNEED 3",
          "MADV_DONTNEED 4",
          "MADV_FREE 8",
          "MADV_REMOVE 9",
          "MADV_DONTFORK 10",
          "MADV_DOFORK 11",
          "MADV_MERGEABLE 12",
          "MADV_UNMERGEABLE 13",
          "MADV_HUGEPAGE 14",
          "MADV_NOHUGEPAGE 15",
          "MADV_DONTDUMP 16",
          "MADV_DODUMP 17",
          "MADV_WIPEONFORK 18",
          "MADV_KEEPONFORK 19",
          "MADV_COLD 20",
          "MADV_PAGEOUT 21",
          "MADV_POPULATE_READ 22",
          "MADV_POPULATE_WRITE 23",
          "MADV_DONTNEED_LOCKED 24",
          "MADV_COLLAPSE 25",
          "MADV_HWPOISON 100");

  static final Names CLONE =
      Names.flags(
          "CLONE_",
          "CLONE_VM 0x100",
          "CLONE_FS 0x200",
          "CLONE_FILES 0x400",
          "CLONE_SIGHAND 0x800",
          "CLONE_PIDFD 0x1000",
          "CLONE_PTRACE 0x2000",
          "CLONE_VFORK 0x4000",
          "CLONE_PARENT 0x8000",
          "CLONE_THREAD 0x10000",
          "CLONE_NEWNS 0x20000",
          "CLONE_SYSVSEM 0x40000",
          "CLONE_SETTLS 0x80000",
          "CLONE_PARENT_SETTID 0x100000",
          "CLONE_CHILD_CLEARTID 0x200000",
          "CLONE_DETACHED 0x400000",
          "CLONE_UNTRACED 0x800000",
          "CLONE_CHILD_SETTID 0x1000000",
          "CLONE_NEWCGROUP 0x2000000",
          "CLONE_NEWUTS 0x4000000",
          "CLONE_NEWIPC 0x8000000",
          "CLONE_NEWUSER 0x10000000",
          "CLONE_NEWPID 0x20000000",
          "CLONE_NEWNET 0x40000000",
          "CLONE_IO 0x80000000",
          "CLONE_CLEAR_SIGHAND 0x100000000",
          "CLONE_INTO_CGROUP 0x200000000");

  static final Names WAIT =
      Names.flags(
          "W",
          "WNOHANG 1",
          "WSTOPPED 2",
          "WEXITED 4",
          "WCONTINUED 8",
          "WNOWAIT 0x1000000",
          "__WNOTHREAD 0x20000000",
          "__WCLONE 0x80000000",
          "__WALL 0x40000000");

  static final Names WAIT_ID = Names.choice("P_", "P_ALL 0", "P_PID 1", "P_PGID 2", "P_PIDFD 3");

  static final Names RESOURCE =
      Names.choice(
          "RLIMIT_",
          "RLIMIT_CPU 0",
          "RLIMIT_FSIZE 1",
          "RLIMIT_DATA 2",
          "RLIMIT_STACK 3",
          "RLIMIT_CORE 4",
          "RLIMIT_RSS 5",
          "RLIMIT_NPROC 6",
          "RLIMIT_NOFILE 7",
          "RLIMIT_MEMLOCK 8",
          "RLIMIT_AS 9",
          "RLIMIT_LOCKS 10",
          "RLIMIT_SIGPENDING 11",
          "RLIMIT_MSGQUEUE 12",
          "RLIMIT_NICE 13",
          "RLIMIT_RTPRIO 14",
          "RLIMIT_RTTIME 15");

  static final Names RUSAGE =
      Names.choice("RUSAGE_", "RUSAGE_SELF 0", "RUSAGE_CHILDREN 0xffffffff", "RUSAGE_THREAD 1");

  static final Names PRIORITY =
      Names.choice("PRIO_", "PRIO_PROCESS 0", "PRIO_PGRP 1", "PRIO_USER 2");

  static final Names CLOCK =
      Names.choice(
          "CLOCK_",
          "CLOCK_REALTIME 0",
          "CLOCK_MONOTONIC 1",
          "CLOCK_PROCESS_CPUTIME_ID 2",
          "CLOCK_THREAD_CPUTIME_ID 3",
          "CLOCK_MONOTONIC_RAW 4",
          "CLOCK_REALTIME_COARSE 5",
          "CLOCK_MONOTONIC_COARSE 6",
          "CLOCK_BOOTTIME 7",
          "CLOCK_REALTIME_ALARM 8",
          "CLOCK_BOOTTIME_ALARM 9",
          "CLOCK_TAI 11");

  static final Names TIMER_FLAGS = Names.flags("TIMER_", "TIMER_ABSTIME 1");

  static final Names TIMERFD = Names.flags("TFD_", "TFD_NONBLOCK 04000", "TFD_CLOEXEC 02000000");

  static final Names TIMERFD_SET =
      Names.flags("TFD_", "TFD_TIMER_ABSTIME 1", "TFD_TIMER_CANCEL_ON_SET 2");

  static final Names ITIMER =
      Names.choice("ITIMER_", "ITIMER_REAL 0", "ITIMER_VIRTUAL 1", "ITIMER_PROF 2");

  static final Names SCHEDULER =
      Names.choice(
          "SCHED_",
          "SCHED_OTHER 0",
          "SCHED_FIFO 1",
          "SCHED_RR 2",
          "SCHED_BATCH 3",
          "SCHED_IDLE 5",
          "SCHED_DEADLINE 6");

  static final Names RANDOM =
      Names.flags("GRND_", "GRND_NONBLOCK 1", "GRND_RANDOM 2", "GRND_INSECURE 4");

  static final Names ARCH =
      Names.choice(
          "ARCH_",
          "ARCH_SET_GS 0x1001",
          "ARCH_SET_FS 0x1002",
          "ARCH_GET_FS 0x1003",
          "ARCH_GET_GS 0x1004",
          "ARCH_GET_CPUID 0x1011",
          "ARCH_SET_CPUID 0x1012");

  static final Names PRCTL =
      Names.choice(
          "PR_",
          "PR_SET_PDEATHSIG 1",
          "PR_GET_PDEATHSIG 2",
          "PR_GET_DUMPABLE 3",
          "PR_SET_DUMPABLE 4",
          "PR_GET_KEEPCAPS 7",
          "PR_SET_KEEPCAPS 8",
          "PR_GET_TIMING 13",
          "PR_SET_TIMING 14",
          "PR_SET_NAME 15",
          "PR_GET_NAME 16",
          "PR_GET_SECCOMP 21",
          "PR_SET_SECCOMP 22",
          "PR_CAPBSET_READ 23",
          "PR_CAPBSET_DROP 24",
          "PR_GET_TSC 25",
          "PR_SET_TSC 26",
          "PR_GET_SECUREBITS 27",
          "PR_SET_SECUREBITS 28",
          "PR_SET_TIMERSLACK 29",
          "PR_GET_TIMERSLACK 30",
          "PR_SET_MM 35",
          "PR_SET_CHILD_SUBREAPER 36",
          "PR_GET_CHILD_SUBREAPER 37",
          "PR_SET_NO_NEW_PRIVS 38",
          "PR_GET_NO_NEW_PRIVS 39",
          "PR_GET_TID_ADDRESS 40",
          "PR_SET_THP_DISABLE 41",
          "PR_GET_THP_DISABLE 42",
          "PR_CAP_AMBIENT 47",
          "PR_GET_SPECULATION_CTRL 52",
          "PR_SET_VMA 0x53564d41",
          "PR_SET_PTRACER 0x59616d61");

  private static final Names.Choice FUTEX =
      (Names.Choice)
          Names.choice(
              "FUTEX_",
              "FUTEX_WAIT 0",
              "FUTEX_WAKE 1",
              "FUTEX_FD 2",
              "FUTEX_REQUEUE 3",
              "FUTEX_CMP_REQUEUE 4",
              "FUTEX_WAKE_OP 5",
              "FUTEX_LOCK_PI 6",
              "FUTEX_UNLOCK_PI 7",
              "FUTEX_TRYLOCK_PI 8",
              "FUTEX_WAIT_BITSET 9",
              "FUTEX_WAKE_BITSET 10",
              "FUTEX_WAIT_REQUEUE_PI 11",
              "FUTEX_CMP_REQUEUE_PI 12",
              "FUTEX_LOCK_PI2 13");

  private static final int FUTEX_PRIVATE = 128;
  private static final int FUTEX_REALTIME = 256;

  private ProcessNames() {}

  /** FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME. */
  static void appendFutex(StringBuilder out, int operation) {
    int command = operation & ~(FUTEX_PRIVATE | FUTEX_REALTIME);
    FUTEX.append(out, command);
    if ((operation & FUTEX_PRIVATE) != 0) {
      out.append(FUTEX.find(command) == null ? "|FUTEX_PRIVATE_FLAG" : "_PRIVATE");
    }
    if ((operation & FUTEX_REALTIME) != 0) {
      out.append("|FUTEX_CLOCK_REALTIME");
    }
  }
}

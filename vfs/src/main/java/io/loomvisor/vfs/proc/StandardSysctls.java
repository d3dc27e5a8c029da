package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.host.HostRandom;
import java.util.UUID;

/**
 * The tunables that need nothing from the kernel but to be read: defaults of Linux 6.x on x86-64.
 * The kernel puts those with an effect of their own (hostname, domainname, ns_last_pid) over or
 * beside them.
 */
public final class StandardSysctls {
  private static final long INT_MAX = Integer.MAX_VALUE;

  private StandardSysctls() {}

  /**
   * @param system for version strings
   * @param memoryBytes what limits derive from
   */
  public static SysctlTable create(SystemView system, long memoryBytes) {
    SysctlTable table = new SysctlTable();
    kernel(table, system);
    ipc(table);
    failures(table);
    observation(table);
    keys(table);
    user(table, memoryBytes);
    random(table);
    vm(table);
    fs(table, memoryBytes);
    netCore(table);
    netIpv4(table);
    return table;
  }

  private static void kernel(SysctlTable t, SystemView system) {
    fixed(t, "kernel/ostype", "Linux");
    t.put("kernel/osrelease", new Sysctl.ReadOnly(system::release));
    t.put("kernel/version", new Sysctl.ReadOnly(system::version));
    t.put("kernel/hostname", new Sysctl.Text("localhost", 64));
    t.put("kernel/domainname", new Sysctl.Text("(none)", 64));
    fixed(t, "kernel/arch", "x86_64");
    number(t, "kernel/pid_max", 4_194_304, 301, 4_194_304);
    fixed(t, "kernel/ngroups_max", "65536");
    fixed(t, "kernel/cap_last_cap", "40");
    t.put("kernel/core_pattern", new Sysctl.Text("core", 127));
    number(t, "kernel/core_uses_pid", 0, 0, 1);
    number(t, "kernel/core_pipe_limit", 0, 0, INT_MAX);
    number(t, "kernel/randomize_va_space", 2, 0, 2);
    number(t, "kernel/overflowuid", 65534, 0, 65535);
    number(t, "kernel/overflowgid", 65534, 0, 65535);
    number(t, "kernel/panic", 0, Integer.MIN_VALUE, INT_MAX);
    number(t, "kernel/tainted", 0, 0, INT_MAX);
    number(t, "kernel/sysctl_writes_strict", 1, -1, 1);
    number(t, "kernel/perf_event_paranoid", 2, -1, 4);
    number(t, "kernel/kptr_restrict", 1, 0, 2);
    number(t, "kernel/dmesg_restrict", 1, 0, 1);
    number(t, "kernel/unprivileged_bpf_disabled", 2, 0, 2);
    number(t, "kernel/io_uring_disabled", 2, 0, 2);
    number(t, "kernel/sched_rr_timeslice_ms", 100, Integer.MIN_VALUE, INT_MAX);
    number(t, "kernel/sched_rt_period_us", 1_000_000, 1, INT_MAX);
    number(t, "kernel/sched_rt_runtime_us", 950_000, -1, INT_MAX);
    number(t, "kernel/sched_autogroup_enabled", 0, 0, 1);
    number(t, "kernel/numa_balancing", 0, 0, 1);
    number(t, "kernel/pty/max", 4096, 0, INT_MAX);
    number(t, "kernel/pty/reserve", 1024, 0, INT_MAX);
    fixed(
        t,
        "kernel/seccomp/actions_avail",
        "kill_process kill_thread trap errno user_notif trace log allow");
    t.put("kernel/printk", new Sysctl.Numbers(4, 4, 1, 7));
  }

  /** What a kernel does when it fails: this one is a process and never gets there. */
  private static void failures(SysctlTable t) {
    for (String name :
        new String[] {
          "panic_on_oops",
          "panic_on_warn",
          "panic_on_io_nmi",
          "panic_on_rcu_stall",
          "panic_on_unrecovered_nmi",
          "panic_print",
          "unknown_nmi_panic",
          "hung_task_panic",
          "hung_task_all_cpu_backtrace",
          "softlockup_panic",
          "softlockup_all_cpu_backtrace",
          "hardlockup_panic",
          "hardlockup_all_cpu_backtrace",
          "oops_all_cpu_backtrace",
          "nmi_watchdog",
          "print-fatal-signals",
          "printk_delay",
          "warn_limit"
        }) {
      number(t, "kernel/" + name, 0, 0, INT_MAX);
    }
    number(t, "kernel/oops_limit", 10000, 0, INT_MAX);
    number(t, "kernel/watchdog", 1, 0, 1);
    number(t, "kernel/soft_watchdog", 1, 0, 1);
    number(t, "kernel/watchdog_thresh", 10, 0, 60);
    number(t, "kernel/hung_task_timeout_secs", 120, 0, INT_MAX);
    number(t, "kernel/hung_task_check_count", 4_194_304, 0, INT_MAX);
    number(t, "kernel/hung_task_check_interval_secs", 0, 0, INT_MAX);
    number(t, "kernel/hung_task_warnings", 10, -1, INT_MAX);
    number(t, "kernel/printk_ratelimit", 5, 0, INT_MAX);
    number(t, "kernel/printk_ratelimit_burst", 10, 0, INT_MAX);
    t.put("kernel/printk_devkmsg", new Sysctl.Text("ratelimit", 9));
    number(t, "kernel/ctrl-alt-del", 0, 0, INT_MAX);
    t.put("kernel/poweroff_cmd", new Sysctl.Text("/sbin/poweroff", 255));
    fixed(t, "kernel/core_modes", "file\npipe");
    number(t, "kernel/core_file_note_size_limit", 4_194_304, 4096, 16 << 20);
  }

  private static void observation(SysctlTable t) {
    number(t, "kernel/perf_event_max_sample_rate", 100_000, 1, INT_MAX);
    number(t, "kernel/perf_event_max_stack", 127, 0, 640 << 10);
    number(t, "kernel/perf_event_max_contexts_per_stack", 8, 0, 1000);
    number(t, "kernel/perf_event_mlock_kb", 516, 0, INT_MAX);
    number(t, "kernel/perf_cpu_time_max_percent", 25, 0, 100);
    number(t, "kernel/bpf_stats_enabled", 0, 0, 1);
    number(t, "kernel/task_delayacct", 0, 0, 1);
    number(t, "kernel/timer_migration", 1, 0, 1);
    number(t, "kernel/split_lock_mitigate", 1, 0, 1);
    number(t, "kernel/io_uring_group", -1, -1, INT_MAX);
    number(t, "kernel/sched_cfs_bandwidth_slice_us", 5000, 1, INT_MAX);
    number(t, "kernel/sched_deadline_period_max_us", 4_194_304, 0, INT_MAX);
    number(t, "kernel/sched_deadline_period_min_us", 100, 0, INT_MAX);
    t.put("kernel/acct", new Sysctl.Numbers(4, 2, 30));
  }

  private static void keys(SysctlTable t) {
    number(t, "kernel/keys/gc_delay", 300, 0, INT_MAX);
    number(t, "kernel/keys/maxbytes", 20_000, 1, INT_MAX);
    number(t, "kernel/keys/maxkeys", 200, 1, INT_MAX);
    number(t, "kernel/keys/persistent_keyring_expiry", 259_200, 0, INT_MAX);
    number(t, "kernel/keys/root_maxbytes", 25_000_000, 1, INT_MAX);
    number(t, "kernel/keys/root_maxkeys", 1_000_000, 1, INT_MAX);
  }

  /** Namespaces each user may have: half of the threads there may be. */
  private static void user(SysctlTable t, long memoryBytes) {
    long most = Math.max(1024, memoryBytes / (128 << 10)) / 2;
    for (String kind : new String[] {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}) {
      number(t, "user/max_" + kind + "_namespaces", most, 0, INT_MAX);
    }
  }

  private static void ipc(SysctlTable t) {
    number(t, "kernel/shm_rmid_forced", 0, 0, 1);
  }

  /** A random one: version 4, variant 2 (RFC 9562, section 5.4). */
  private static String uuid() {
    HostRandom random = new HostRandom();
    long high = random.nextLong() & ~0xf000L | 0x4000;
    long low = random.nextLong() >>> 2 | 1L << 63;
    return new UUID(high, low).toString();
  }

  private static void random(SysctlTable t) {
    fixed(t, "kernel/random/boot_id", uuid());
    t.put("kernel/random/uuid", new Sysctl.ReadOnly(StandardSysctls::uuid));
    fixed(t, "kernel/random/entropy_avail", "256");
    fixed(t, "kernel/random/poolsize", "256");
    number(t, "kernel/random/urandom_min_reseed_secs", 60, 0, INT_MAX);
    number(t, "kernel/random/write_wakeup_threshold", 256, 0, INT_MAX);
  }

  private static void vm(SysctlTable t) {
    number(t, "vm/overcommit_memory", 0, 0, 2);
    number(t, "vm/overcommit_ratio", 50, 0, INT_MAX);
    number(t, "vm/overcommit_kbytes", 0, 0, INT_MAX);
    number(t, "vm/max_map_count", 65530, 0, INT_MAX);
    number(t, "vm/mmap_min_addr", 65536, 0, INT_MAX);
    number(t, "vm/swappiness", 60, 0, 200);
    number(t, "vm/dirty_ratio", 20, 0, 100);
    number(t, "vm/dirty_background_ratio", 10, 0, 100);
    number(t, "vm/dirty_bytes", 0, 0, Long.MAX_VALUE);
    number(t, "vm/dirty_background_bytes", 0, 0, Long.MAX_VALUE);
    number(t, "vm/dirty_expire_centisecs", 3000, 0, INT_MAX);
    number(t, "vm/dirty_writeback_centisecs", 500, 0, INT_MAX);
    number(t, "vm/nr_hugepages", 0, 0, 0);
    number(t, "vm/nr_overcommit_hugepages", 0, 0, 0);
    number(t, "vm/min_free_kbytes", 67584, 0, INT_MAX);
    number(t, "vm/vfs_cache_pressure", 100, 0, INT_MAX);
    number(t, "vm/page-cluster", 3, 0, 31);
    number(t, "vm/panic_on_oom", 0, 0, 2);
    number(t, "vm/oom_kill_allocating_task", 0, 0, 1);
    number(t, "vm/oom_dump_tasks", 1, 0, 1);
    number(t, "vm/zone_reclaim_mode", 0, 0, 7);
    number(t, "vm/legacy_va_layout", 0, 0, 1);
    number(t, "vm/memfd_noexec", 0, 0, 2);
    number(t, "vm/unprivileged_userfaultfd", 0, 0, 1);
    number(t, "vm/user_reserve_kbytes", 131072, 0, INT_MAX);
    number(t, "vm/admin_reserve_kbytes", 8192, 0, INT_MAX);
    fixed(t, "vm/mmap_rnd_bits", "28");
    t.put("vm/drop_caches", new Sysctl.Command());
    t.put("vm/compact_memory", new Sysctl.Command());
    number(t, "vm/compaction_proactiveness", 20, 0, 100);
    number(t, "vm/compact_unevictable_allowed", 1, 0, 1);
    number(t, "vm/dirtytime_expire_seconds", 43_200, 0, INT_MAX);
    number(t, "vm/extfrag_threshold", 500, 0, 1000);
    number(t, "vm/hugetlb_shm_group", 0, 0, INT_MAX);
    number(t, "vm/laptop_mode", 0, 0, INT_MAX);
    number(t, "vm/min_slab_ratio", 5, 0, 100);
    number(t, "vm/min_unmapped_ratio", 1, 0, 100);
    number(t, "vm/numa_stat", 1, 0, 1);
    number(t, "vm/page_lock_unfairness", 5, 0, INT_MAX);
    number(t, "vm/percpu_pagelist_high_fraction", 0, 0, INT_MAX);
    number(t, "vm/stat_interval", 1, 0, INT_MAX);
    number(t, "vm/watermark_boost_factor", 15_000, 0, INT_MAX);
    number(t, "vm/watermark_scale_factor", 10, 1, 3000);
  }

  private static void fs(SysctlTable t, long memoryBytes) {
    Sysctl.Number fileMax = new Sysctl.Number(Long.MAX_VALUE, 0, Long.MAX_VALUE);
    t.put("fs/file-max", fileMax);
    t.put("fs/file-nr", new Sysctl.ReadOnly(() -> "0\t0\t" + fileMax.get()));
    number(t, "fs/nr_open", 1_048_576, 64, 2_147_483_584L);
    number(t, "fs/pipe-max-size", 1_048_576, 4096, INT_MAX);
    number(t, "fs/pipe-user-pages-hard", 0, 0, INT_MAX);
    number(t, "fs/pipe-user-pages-soft", 16384, 0, INT_MAX);
    number(t, "fs/aio-max-nr", 65536, 0, Long.MAX_VALUE);
    fixed(t, "fs/aio-nr", "0");
    number(
        t, "fs/epoll/max_user_watches", Math.max(100_000, memoryBytes / 4_000), 0, Long.MAX_VALUE);
    number(t, "fs/mount-max", 100_000, 1, INT_MAX);
    number(t, "fs/protected_hardlinks", 1, 0, 1);
    number(t, "fs/protected_symlinks", 1, 0, 1);
    number(t, "fs/protected_fifos", 1, 0, 2);
    number(t, "fs/protected_regular", 2, 0, 2);
    number(t, "fs/suid_dumpable", 0, 0, 2);
    number(t, "fs/overflowuid", 65534, 0, 65535);
    number(t, "fs/overflowgid", 65534, 0, 65535);
    number(t, "fs/leases-enable", 1, 0, 1);
    number(t, "fs/lease-break-time", 45, 0, INT_MAX);
    fixed(t, "fs/dentry-state", "0\t0\t45\t0\t0\t0");
    fixed(t, "fs/inode-nr", "0\t0");
    fixed(t, "fs/inode-state", "0\t0\t0\t0\t0\t0\t0");
  }

  private static void netCore(SysctlTable t) {
    number(t, "net/core/somaxconn", 4096, 0, INT_MAX);
    number(t, "net/core/rmem_default", 212_992, 256, INT_MAX);
    number(t, "net/core/rmem_max", 4_194_304, 256, INT_MAX);
    number(t, "net/core/wmem_default", 212_992, 2048, INT_MAX);
    number(t, "net/core/wmem_max", 4_194_304, 2048, INT_MAX);
    number(t, "net/core/optmem_max", 131_072, 0, INT_MAX);
    number(t, "net/core/netdev_max_backlog", 1000, 0, INT_MAX);
    number(t, "net/unix/max_dgram_qlen", 10, 0, INT_MAX);
  }

  private static void netIpv4(SysctlTable t) {
    String p = "net/ipv4/";
    t.put(p + "ip_local_port_range", new Sysctl.Numbers(32768, 60999));
    t.put(p + "ip_local_reserved_ports", new Sysctl.Text("", 4096));
    t.put(p + "tcp_rmem", new Sysctl.Numbers(4096, 131_072, 6_291_456));
    t.put(p + "tcp_wmem", new Sysctl.Numbers(4096, 16384, 4_194_304));
    t.put(p + "tcp_mem", new Sysctl.Numbers(188_319, 251_093, 376_638));
    fixed(t, p + "tcp_available_congestion_control", "reno cubic");
    t.put(p + "tcp_allowed_congestion_control", new Sysctl.Text("reno cubic", 256));
    t.put(p + "tcp_congestion_control", new Sysctl.Text("cubic", 16));
    number(t, p + "ip_default_ttl", 64, 1, 255);
    number(t, p + "ip_forward", 0, 0, 1);
    number(t, p + "ip_nonlocal_bind", 0, 0, 1);
    number(t, p + "ip_unprivileged_port_start", 1024, 0, 65535);
    number(t, p + "ip_no_pmtu_disc", 0, 0, 3);
    number(t, p + "tcp_fin_timeout", 60, 0, INT_MAX);
    number(t, p + "tcp_keepalive_time", 7200, 0, INT_MAX);
    number(t, p + "tcp_keepalive_intvl", 75, 0, INT_MAX);
    number(t, p + "tcp_keepalive_probes", 9, 0, 255);
    number(t, p + "tcp_syn_retries", 6, 1, 127);
    number(t, p + "tcp_synack_retries", 5, 0, 255);
    number(t, p + "tcp_retries1", 3, 0, 255);
    number(t, p + "tcp_retries2", 15, 0, 255);
    number(t, p + "tcp_max_syn_backlog", 4096, 0, INT_MAX);
    number(t, p + "tcp_max_tw_buckets", 262_144, 0, INT_MAX);
    number(t, p + "tcp_tw_reuse", 2, 0, 2);
    number(t, p + "tcp_syncookies", 1, 0, 2);
    number(t, p + "tcp_sack", 1, 0, 1);
    number(t, p + "tcp_timestamps", 1, 0, 2);
    number(t, p + "tcp_window_scaling", 1, 0, 1);
    number(t, p + "tcp_fastopen", 1, 0, INT_MAX);
    number(t, p + "tcp_slow_start_after_idle", 1, 0, 1);
    number(t, p + "tcp_moderate_rcvbuf", 1, 0, 1);
    number(t, p + "tcp_abort_on_overflow", 0, 0, 1);
  }

  private static void fixed(SysctlTable t, String path, String value) {
    t.put(path, new Sysctl.ReadOnly(() -> value));
  }

  private static void number(SysctlTable t, String path, long initial, long min, long max) {
    t.put(path, new Sysctl.Number(initial, min, max));
  }
}

package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.TextBuffer;

/** /proc/cpuinfo (arch/x86/kernel/cpu/proc.c) and /proc/interrupts. */
final class CpuInfoText {
  private CpuInfoText() {}

  static String cpuinfo(SystemView system) {
    TextBuffer out = new TextBuffer();
    SystemView.CpuModel m = system.cpuModel();
    for (int cpu = 0; cpu < system.cpus(); cpu++) {
      processor(out, m, cpu, system.cpus());
    }
    return out.toString();
  }

  private static void processor(TextBuffer out, SystemView.CpuModel m, int cpu, int cpus) {
    row(out, "processor\t", cpu);
    row(out, "vendor_id\t", m.vendor());
    row(out, "cpu family\t", m.family());
    row(out, "model\t\t", m.model());
    row(out, "model name\t", m.name());
    row(out, "stepping\t", m.stepping());
    row(out, "microcode\t", "0x1");
    row(out, "cpu MHz\t\t", thousandths(m.frequencyKhz()));
    row(out, "cache size\t", (m.cacheBytes() >>> 10) + " KB");
    row(out, "physical id\t", 0);
    row(out, "siblings\t", cpus);
    row(out, "core id\t\t", cpu);
    row(out, "cpu cores\t", cpus);
    row(out, "apicid\t\t", cpu);
    row(out, "initial apicid\t", cpu);
    row(out, "fpu\t\t", "yes");
    row(out, "fpu_exception\t", "yes");
    row(out, "cpuid level\t", 22);
    row(out, "wp\t\t", "yes");
    row(out, "flags\t\t", String.join(" ", m.flags()));
    row(out, "bugs\t\t", "");
    row(out, "bogomips\t", hundredths(m.frequencyKhz() * 2 / 10));
    row(out, "clflush size\t", 64);
    row(out, "cache_alignment\t", 64);
    row(
        out,
        "address sizes\t",
        m.physicalBits() + " bits physical, " + m.virtualBits() + " bits virtual");
    out.add("power management:\n\n");
  }

  static String interrupts(SystemView system) {
    TextBuffer out = new TextBuffer().left("", 5);
    for (int cpu = 0; cpu < system.cpus(); cpu++) {
      out.left("CPU" + cpu, 11);
    }
    return out.newline().toString();
  }

  private static void row(TextBuffer out, String name, String value) {
    out.add(name).add(": ").add(value).newline();
  }

  private static void row(TextBuffer out, String name, long value) {
    out.add(name).add(": ").add(value).newline();
  }

  private static String thousandths(long value) {
    return new TextBuffer().add(value / 1000).add('.').zeroPadded(value % 1000, 3).toString();
  }

  private static String hundredths(long value) {
    return new TextBuffer().add(value / 100).add('.').zeroPadded(value % 100, 2).toString();
  }
}

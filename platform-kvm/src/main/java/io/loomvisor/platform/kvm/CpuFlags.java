package io.loomvisor.platform.kvm;

/**
 * Names of CPUID bits as /proc/cpuinfo prints them (Linux's arch/x86/include/asm/cpufeatures.h), in
 * its order: 1:EDX, 80000001:EDX, 1:ECX, 80000001:ECX, 7:EBX, D.1:EAX, 7:ECX, 7:EDX. An empty name
 * is a bit that is not printed.
 */
final class CpuFlags {
  private static final String[] EDX_1 =
      split(
          "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush -"
              + " dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe");
  private static final String[] EDX_EXT =
      split(
          "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp -"
              + " lm 3dnowext 3dnow");
  private static final String[] ECX_1 =
      split(
          "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm -"
              + " pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave - avx"
              + " f16c rdrand hypervisor");
  private static final String[] ECX_EXT =
      split(
          "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs"
              + " xop skinit wdt - lwp fma4 tce - nodeid_msr - tbm topoext perfctr_core perfctr_nb"
              + " - bpext ptsc perfctr_llc mwaitx - -");
  private static final String[] EBX_7 =
      split(
          "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a"
              + " avx512f avx512dq rdseed adx smap avx512ifma - clflushopt clwb intel_pt avx512pf"
              + " avx512er avx512cd sha_ni avx512bw avx512vl");
  private static final String[] EAX_D1 = split("xsaveopt xsavec xgetbv1 xsaves xfd");
  private static final String[] ECX_7 =
      split(
          "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni"
              + " avx512_bitalg tme avx512_vpopcntdq - la57 - - - - - rdpid - bus_lock_detect"
              + " cldemote - movdiri movdir64b enqcmd sgx_lc -");
  private static final String[] EDX_7 =
      split(
          "- - avx512_4vnniw avx512_4fmaps fsrm - - - avx512_vp2intersect - md_clear - - -"
              + " serialize - tsxldtrk - pconfig arch_lbr ibt - amx_bf16 avx512_fp16 amx_tile"
              + " amx_int8 - - flush_l1d arch_capabilities - -");

  private CpuFlags() {}

  static String names(
      GuestCpu.Leaf one, GuestCpu.Leaf seven, GuestCpu.Leaf xsave1, GuestCpu.Leaf ext) {
    StringBuilder s = new StringBuilder();
    add(s, EDX_1, one.edx());
    add(s, EDX_EXT, ext.edx());
    add(s, ECX_1, one.ecx());
    add(s, ECX_EXT, ext.ecx());
    add(s, EBX_7, seven.ebx());
    add(s, EAX_D1, xsave1.eax());
    add(s, ECX_7, seven.ecx());
    add(s, EDX_7, seven.edx());
    return s.toString();
  }

  private static void add(StringBuilder s, String[] names, int bits) {
    for (int i = 0; i < names.length; i++) {
      if ((bits >>> i & 1) != 0 && !names[i].equals("-")) {
        s.append(s.isEmpty() ? "" : " ").append(names[i]);
      }
    }
  }

  private static String[] split(String names) {
    return names.split(" ");
  }
}

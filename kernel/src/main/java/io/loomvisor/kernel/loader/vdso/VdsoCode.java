package io.loomvisor.kernel.loader.vdso;

import java.util.HexFormat;
import java.util.List;

/** The code of the vDSO: what assembling {@code src/main/asm/vdso.S} gives, which a test checks. */
final class VdsoCode {
  /** A function that programs may look up. */
  record Function(String name, int offset) {}

  /** Where the code expects to be in the image. */
  static final int TEXT_OFFSET = 0x800;

  static final List<Function> FUNCTIONS =
      List.of(
          new Function("__vdso_clock_gettime", 0x50),
          new Function("__vdso_gettimeofday", 0xC0),
          new Function("__vdso_time", 0x130),
          new Function("__vdso_clock_getres", 0x190),
          new Function("__vdso_getcpu", 0x1D0));

  private static final String HEX =
      """
      20280000282028300000002000000000458b1141f6c201752c0faee80f3148c1e2204809d031c9492b4108480f42c149
      f76110418b4918480fadd04b030401453b1175ccc3f390ebc7cccccccccccccc83ff0c735889ff488d05a2ffffff440f
      b604384585c074454c8d0d91e7ffff41837904007437e895ffffff4989c248c1e80948b9535a9ba02fb8440048f7e148
      c1ea0b4889d04869ca00ca9a3b4c89d24829ca4889064889560831c0c3b8e40000000f05c3cccccccccccccccccccccc
      4c8d0d39e7ffff418379040074594885f6740748c706000000004885ff744541b820000000e826ffffff4989c248c1e8
      0948b9535a9ba02fb8440048f7e148c1ea0b4889d04869ca00ca9a3b4c89d24829ca48890789d031d2b9e8030000f7f1
      4889470831c0c3b8600000000f05c3cc4c8d0dc9e6ffff4183790400743c41b820000000e8c7feffff4989c248c1e809
      48b9535a9ba02fb8440048f7e148c1ea0b4889d04869ca00ca9a3b4c89d24829ca4885ff7403488907c3b8c90000000f
      05c3cccccccccccccccccccccccccccc83ff0c733083ff05742b83ff06742689ff488d0558feffff803c380074174885
      f6740f48c7060000000048c746080100000031c0c3b8e50000000f05c3cccccc4c8d0d29e6ffff4183791c00741e0f01
      f981e1ff0f00004885ff7402890f4885f67406c7060000000031c0c3b8350100000f05c3cccccccccccccccccccccccc
      """;

  private VdsoCode() {}

  static byte[] bytes() {
    return HexFormat.of().parseHex(HEX.replace("\n", ""));
  }

  /** Bytes of the function, up to the next one. */
  static int size(Function f) {
    int next = bytes().length;
    for (Function other : FUNCTIONS) {
      if (other.offset() > f.offset()) {
        next = Math.min(next, other.offset());
      }
    }
    return next - f.offset();
  }
}

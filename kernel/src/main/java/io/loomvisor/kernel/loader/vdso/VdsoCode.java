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
          new Function("__vdso_gettimeofday", 0xA0),
          new Function("__vdso_time", 0x100),
          new Function("__vdso_clock_getres", 0x140),
          new Function("__vdso_getcpu", 0x180));

  private static final String HEX =
      """
      20280000282028300000002000000000458b1141f6c201752f0faee80f310faee848c1e2204809d031c9492b4108480f
      42c149f76110418b4918480fadd04b030401453b1175c9c3f390ebc4cccccccc83ff0c733a89ff488d05a2ffffff440f
      b604384585c074274c8d0d91e7ffff41837904007419e895ffffffb900ca9a3b31d248f7f14889064889560831c0c3b8
      e40000000f05c3cccccccccccccccccc4c8d0d59e7ffff4183790400743b4885f6740748c706000000004885ff742741
      b820000000e846ffffffb900ca9a3b31d248f7f148890789d031d2b9e8030000f7f14889470831c0c3b8600000000f05
      c3cccccccccccccccccccccccccccccc4c8d0df9e6ffff4183790400741e41b820000000e8f7feffffb900ca9a3b31d2
      48f7f14885ff7403488907c3b8c90000000f05c3cccccccccccccccccccccccc83ff0c733083ff05742b83ff06742689
      ff488d05a8feffff803c380074174885f6740f48c7060000000048c746080100000031c0c3b8e50000000f05c3cccccc
      4c8d0d79e6ffff4183791c00741e0f01f981e1ff0f00004885ff7402890f4885f67406c7060000000031c0c3b8350100
      000f05c3cccccccccccccccccccccccc
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

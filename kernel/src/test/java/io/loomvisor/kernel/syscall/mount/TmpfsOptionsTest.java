package io.loomvisor.kernel.syscall.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TmpfsOptionsTest {
  private static final long MEMORY = 1L << 30;

  @Test
  void defaultsAreHalfOfTheMemory() {
    TmpFilesystem.Options o = TmpfsOptions.parse("", MEMORY);
    assertEquals(MEMORY / 4096 / 2, o.maxPages());
    assertEquals(01777, o.rootMode());
  }

  @Test
  void optionsAreRead() {
    TmpFilesystem.Options o =
        TmpfsOptions.parse("size=64k,mode=755,uid=5,gid=6,nr_inodes=2k,huge=never", MEMORY);
    assertEquals(new TmpFilesystem.Options(16, 2048, 0755, 5, 6), o);
    assertEquals(MEMORY / 100 * 10 / 4096, TmpfsOptions.parse("size=10%", MEMORY).maxPages());
    assertEquals(2, TmpfsOptions.parse("size=4097", MEMORY).maxPages());
    assertEquals(7, TmpfsOptions.parse("nr_blocks=7", MEMORY).maxPages());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "size=x",
        "size=",
        "mode=9",
        "nonsense",
        "size=-1",
        "uid=+1",
        "size=99999999999999999999",
        "huge"
      })
  void badOptionsAreRefused(String options) {
    LinuxException e =
        assertThrows(LinuxException.class, () -> TmpfsOptions.parse(options, MEMORY));
    assertEquals(Errno.EINVAL, e.errno());
  }
}

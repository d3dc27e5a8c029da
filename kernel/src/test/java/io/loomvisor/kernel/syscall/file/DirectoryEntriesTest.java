package io.loomvisor.kernel.syscall.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class DirectoryEntriesTest {
  @Test
  void laysLargeEntriesOut() {
    DirectoryEntries e = new DirectoryEntries(4096, true);
    assertTrue(e.entry("abc", 42, 8, 7));
    assertTrue(e.entry("abcde", 43, 4, 8));
    ByteBuffer b = ByteBuffer.wrap(e.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(24 + 32, b.capacity());
    assertEquals(42, b.getLong(0));
    assertEquals(7, b.getLong(8));
    assertEquals(24, b.getShort(16));
    assertEquals(8, b.get(18));
    assertEquals('a', b.get(19));
    assertEquals(0, b.get(22));
    assertEquals(32, b.getShort(24 + 16));
  }

  @Test
  void laysOldEntriesOutWithTheTypeLast() {
    DirectoryEntries e = new DirectoryEntries(4096, false);
    assertTrue(e.entry("abcd", 42, 4, 7));
    ByteBuffer b = ByteBuffer.wrap(e.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(24, b.getShort(16));
    assertEquals('d', b.get(21));
    assertEquals(0, b.get(22));
    assertEquals(4, b.get(23));
  }

  @Test
  void noRoomForOneIsAnError() {
    DirectoryEntries e = new DirectoryEntries(23, true);
    assertFalse(e.entry("abc", 1, 8, 1));
    assertThrows(LinuxException.class, e::bytes);
    assertEquals(0, new DirectoryEntries(0, true).bytes().length);
  }
}

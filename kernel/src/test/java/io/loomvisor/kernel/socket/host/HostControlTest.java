package io.loomvisor.kernel.socket.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.MessageCalls;
import io.loomvisor.vfs.socket.ControlMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostControlTest {
  private static final ControlMessage TTL = new ControlMessage(0, 2, new byte[] {9, 0, 0, 0});
  private static final ControlMessage SEGMENT = new ControlMessage(17, 103, new byte[] {1, 2});

  private static List<ControlMessage> back(byte[] control) {
    List<ControlMessage> all = new ArrayList<>();
    HostControl.fromHost(control, all);
    return all;
  }

  @Test
  void whatGoesToTheHostIsWhatComesFromIt() {
    byte[] control = HostControl.toHost(List.of(TTL, SEGMENT));
    assertEquals(2 * 24, control.length);
    List<ControlMessage> all = back(control);
    assertEquals(2, all.size());
    assertEquals(17, all.get(1).level());
    assertEquals(103, all.get(1).type());
    assertArrayEquals(TTL.data(), all.get(0).data());
    assertArrayEquals(SEGMENT.data(), all.get(1).data());
  }

  @Test
  void descriptorsAndCredentialsArePassedOver() {
    ControlMessage rights = new ControlMessage(1, 1, new byte[] {3, 0, 0, 0});
    ControlMessage credentials = new ControlMessage(1, 2, new byte[12]);
    assertEquals(0, HostControl.toHost(List.of(rights, credentials)).length);
    assertEquals(24, HostControl.toHost(List.of(rights, TTL)).length);
  }

  @Test
  void othersAreRefused() {
    int mark = 36;
    int retopts = 7;
    for (ControlMessage m :
        List.of(
            new ControlMessage(1, mark, new byte[4]),
            new ControlMessage(0, retopts, new byte[4]),
            new ControlMessage(41, 54, new byte[8]), // IPV6_HOPOPTS
            new ControlMessage(4711, 1, new byte[4]))) {
      assertEquals(Errno.EINVAL, errno(List.of(m)));
    }
  }

  @Test
  void moreThanThereIsRoomForIsRefused() {
    int most = MessageCalls.MAX_CONTROL / 24;
    assertEquals(most * 24, HostControl.toHost(Collections.nCopies(most, TTL)).length);
    assertEquals(Errno.ENOBUFS, errno(Collections.nCopies(most + 1, TTL)));
  }

  private static Errno errno(List<ControlMessage> messages) {
    return assertThrows(LinuxException.class, () -> HostControl.toHost(messages)).errno();
  }

  @Test
  void whatIsCutOffOrLiesIsLeftOut() {
    byte[] control = HostControl.toHost(List.of(TTL, SEGMENT));
    for (int cut = 0; cut < control.length; cut++) {
      int whole = cut < 20 ? 0 : cut < 24 + 18 ? 1 : 2;
      assertEquals(whole, back(Arrays.copyOf(control, cut)).size());
    }
    control[0] = 15;
    assertEquals(0, back(control).size());
    control[7] = (byte) 0x80;
    assertEquals(0, back(control).size());
  }
}

package io.loomvisor.runtime.oci.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.vfs.mount.Mount;
import org.junit.jupiter.api.Test;

class MountConfigTest {
  private static MountConfig mount(String type, String options) throws ConfigException {
    String text =
        "{'destination': '/d', 'type': '%s', 'source': '/s', 'options': [%s]}"
            .formatted(type, options);
    return MountConfig.of(JsonView.parse(text.replace('\'', '"'), "mounts[0]"));
  }

  @Test
  void flagsAndDataAreToldApart() throws ConfigException {
    MountConfig m = mount("tmpfs", "'nosuid', 'ro', 'rw', 'size=1m', 'rprivate', 'mode=700'");
    assertEquals(MountConfig.Kind.TMPFS, m.kind());
    assertEquals(Mount.MS_NOSUID, m.flags());
    assertEquals("size=1m,mode=700", m.data());
    assertFalse(m.copyUp());
  }

  @Test
  void tmpcopyupIsForTmpfs() throws ConfigException {
    MountConfig m = mount("tmpfs", "'nosuid', 'tmpcopyup', 'size=1m'");
    assertTrue(m.copyUp());
    assertEquals("size=1m", m.data());
    ConfigException e =
        assertThrows(ConfigException.class, () -> mount("bind", "'nosuid', 'tmpcopyup'"));
    assertEquals("mounts[0].options: tmpcopyup: not supported", e.getMessage());
  }

  @Test
  void whatIsNotSupportedIsNamed() {
    ConfigException e = assertThrows(ConfigException.class, () -> mount("bind", "'rw', 'idmap'"));
    assertEquals("mounts[0].options: idmap: not supported", e.getMessage());
  }
}

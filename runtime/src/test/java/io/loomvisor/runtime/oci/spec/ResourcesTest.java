package io.loomvisor.runtime.oci.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ResourcesTest {
  @Test
  void wholeCpusOfAQuota() throws ConfigException {
    assertEquals(Integer.MAX_VALUE, cpus("{}"));
    assertEquals(Integer.MAX_VALUE, cpus("{\"cpu\": {\"quota\": -1, \"period\": 100000}}"));
    assertEquals(0, cpus("{\"cpu\": {\"quota\": 50000, \"period\": 100000}}"));
    assertEquals(1, cpus("{\"cpu\": {\"quota\": 150000}}"));
    assertEquals(3, cpus("{\"cpu\": {\"quota\": 30000, \"period\": 10000}}"));
    assertEquals(Integer.MAX_VALUE, cpus("{\"cpu\": {\"quota\": 9000000000000, \"period\": 1}}"));
  }

  private static int cpus(String text) throws ConfigException {
    return Resources.parse(text).wholeCpus();
  }
}

package io.loomvisor.runtime.oci.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.task.seccomp.CallData;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.seccomp.Verdict;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** What profiles mean, by the answers of the filters that come of them. */
class SeccompConfigTest {
  private static final int ENOSYS = 38;

  private static SeccompConfig config(String json) throws ConfigException {
    return SeccompConfig.of(JsonView.parse(json.replace('\'', '"'), "linux.seccomp"));
  }

  private static int answer(SeccompState filter, SyscallNumber call, long... arguments) {
    long[] a = java.util.Arrays.copyOf(arguments, 6);
    return ((SeccompState.Filter) filter)
        .answer(new CallData(call.number(), 0, a[0], a[1], a[2], a[3], a[4], a[5]));
  }

  @Test
  void listedCallsGetTheirAnswerAndOthersTheDefault() throws Exception {
    SeccompConfig config =
        config(
            "{'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 9, 'architectures':"
                + " ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'], 'syscalls': [{'names': ['read',"
                + " 'chown32', 'getpid', 'fchmodat2'], 'action': 'SCMP_ACT_ALLOW'}, {'names':"
                + " ['mkdir'], 'action': 'SCMP_ACT_KILL_PROCESS'}, {'names': ['clone3'], 'action':"
                + " 'SCMP_ACT_ERRNO', 'errnoRet': 38}]}");
    assertEquals(Set.of("chown32"), config.unknown());
    SeccompState filter = config.filter();
    assertEquals(Verdict.ALLOW, answer(filter, SyscallNumber.READ));
    assertEquals(Verdict.KILL_PROCESS, answer(filter, SyscallNumber.MKDIR));
    assertEquals(Verdict.ERRNO | ENOSYS, answer(filter, SyscallNumber.CLONE3));
    assertEquals(Verdict.ERRNO | 9, answer(filter, SyscallNumber.WRITE));
    assertEquals(Verdict.ERRNO | ENOSYS, answer(filter, SyscallNumber.MSEAL), "newer than all");
    assertTrue(filter.allows(SyscallNumber.READ.number()));
    assertFalse(filter.allows(SyscallNumber.WRITE.number()));
    assertFalse(filter.allows(-1));
    assertFalse(filter.allows(100_000));
  }

  @Test
  void whoAllowsByDefaultHidesNothing() throws Exception {
    SeccompState filter =
        config(
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['mkdir'], 'action':"
                    + " 'SCMP_ACT_ERRNO'}]}")
            .filter();
    assertEquals(Verdict.ERRNO | 1, answer(filter, SyscallNumber.MKDIR));
    assertEquals(Verdict.ALLOW, answer(filter, SyscallNumber.MSEAL));
  }

  @Test
  void everyComparisonIsOfUnsigned64Bits() throws Exception {
    compare("SCMP_CMP_EQ", (a, b) -> a.equals(b));
    compare("SCMP_CMP_NE", (a, b) -> !a.equals(b));
    compare("SCMP_CMP_LT", (a, b) -> Long.compareUnsigned(a, b) < 0);
    compare("SCMP_CMP_LE", (a, b) -> Long.compareUnsigned(a, b) <= 0);
    compare("SCMP_CMP_GT", (a, b) -> Long.compareUnsigned(a, b) > 0);
    compare("SCMP_CMP_GE", (a, b) -> Long.compareUnsigned(a, b) >= 0);
  }

  private static void compare(String operator, BiPredicate<Long, Long> expected) throws Exception {
    Random random = new Random(5);
    long[] edges = {0, 1, -1, 0xffff_ffffL, 1L << 32, 1L << 63, (1L << 32) + 1, 0x8000_0000L};
    for (long value : edges) {
      SeccompState filter =
          config(
                  "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['mkdir'], 'action':"
                      + " 'SCMP_ACT_ALLOW', 'args': [{'index': 5, 'op': '"
                      + operator
                      + "', 'value': "
                      + Long.toUnsignedString(value)
                      + "}]}]}")
              .filter();
      assertFalse(filter.allows(SyscallNumber.MKDIR.number()), "the arguments count");
      for (int i = 0; i < 200; i++) {
        long edge = edges[random.nextInt(edges.length)];
        long given = i < edges.length ? edges[i] : edge + random.nextInt(3) - 1;
        assertEquals(
            expected.test(given, value),
            answer(filter, SyscallNumber.MKDIR, 0, 0, 0, 0, 0, given) == Verdict.ALLOW,
            () -> Long.toHexString(given) + " " + operator + " " + Long.toHexString(value));
      }
    }
  }

  /** Docker's rule for clone(2): none of the flags that make namespaces. */
  @Test
  void maskedEquality() throws Exception {
    SeccompState filter =
        config(
                "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['clone'], 'action':"
                    + " 'SCMP_ACT_ALLOW', 'args': [{'index': 0, 'value': 2114060288, 'valueTwo': 0,"
                    + " 'op': 'SCMP_CMP_MASKED_EQ'}]}]}")
            .filter();
    assertEquals(Verdict.ALLOW, answer(filter, SyscallNumber.CLONE, 0x3d0f00));
    assertEquals(Verdict.ERRNO | 1, answer(filter, SyscallNumber.CLONE, 0x3d0f00 | 0x2000_0000));
  }

  @Test
  void conditionsOnSeveralArgumentsMustAllHoldOnOneAny() throws Exception {
    SeccompState filter =
        config(
                "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['mkdir'], 'action':"
                    + " 'SCMP_ACT_ALLOW', 'args': [{'index': 0, 'value': 1, 'op': 'SCMP_CMP_EQ'},"
                    + " {'index': 1, 'value': 2, 'op': 'SCMP_CMP_EQ'}]}, {'names': ['personality'],"
                    + " 'action': 'SCMP_ACT_ALLOW', 'args': [{'index': 0, 'value': 0, 'op':"
                    + " 'SCMP_CMP_EQ'}, {'index': 0, 'value': 8, 'op': 'SCMP_CMP_EQ'}]}]}")
            .filter();
    assertEquals(Verdict.ALLOW, answer(filter, SyscallNumber.MKDIR, 1, 2));
    assertEquals(Verdict.ERRNO | 1, answer(filter, SyscallNumber.MKDIR, 1, 3));
    assertEquals(Verdict.ERRNO | 1, answer(filter, SyscallNumber.MKDIR, 0, 2));
    assertEquals(Verdict.ALLOW, answer(filter, SyscallNumber.PERSONALITY, 0));
    assertEquals(Verdict.ALLOW, answer(filter, SyscallNumber.PERSONALITY, 8));
    assertEquals(Verdict.ERRNO | 1, answer(filter, SyscallNumber.PERSONALITY, 1));
  }

  @Test
  void whatCannotBeDoneIsNamed() {
    refused(
        "linux.seccomp.defaultAction: SCMP_ACT_NOTIFY: not supported",
        "{'defaultAction': 'SCMP_ACT_NOTIFY'}");
    refused("linux.seccomp.defaultAction: no action SCMP_ACT_X", "{'defaultAction': 'SCMP_ACT_X'}");
    refused("linux.seccomp.defaultAction: missing", "{}");
    refused(
        "linux.seccomp.listenerPath: not supported",
        "{'defaultAction': 'SCMP_ACT_ALLOW', 'listenerPath': '/x'}");
    refused(
        "linux.seccomp.flags: no flag X", "{'defaultAction': 'SCMP_ACT_ALLOW', 'flags': ['X']}");
    String call = "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], %s}]}";
    refused(
        "linux.seccomp.syscalls[0].action: SCMP_ACT_NOTIFY: not supported",
        String.format(call, "'action': 'SCMP_ACT_NOTIFY'"));
    refused(
        "linux.seccomp.syscalls[0].args[0].index: not an argument",
        String.format(
            call, "'action': 'SCMP_ACT_KILL', 'args': [{'index': 6, 'op': 'SCMP_CMP_EQ'}]"));
    refused(
        "linux.seccomp.syscalls[0].args[0].op: no comparison SCMP_CMP_X",
        String.format(
            call, "'action': 'SCMP_ACT_KILL', 'args': [{'index': 1, 'op': 'SCMP_CMP_X'}]"));
  }

  private static void refused(String message, String json) {
    assertEquals(message, assertThrows(ConfigException.class, () -> config(json)).getMessage());
  }

  /** A syscall may have more alternatives than a branch of BPF reaches over. */
  @Test
  void longProfiles() throws Exception {
    StringBuilder args = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      args.append(args.isEmpty() ? "" : ",");
      args.append("{'index': 0, 'op': 'SCMP_CMP_EQ', 'value': ").append(i * 2).append("}");
    }
    String json =
        "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['mkdir'], 'action':"
            + " 'SCMP_ACT_ALLOW', 'args': [%s]}, {'names': ['read'], 'action':"
            + " 'SCMP_ACT_ALLOW'}]}";
    SeccompState filter = config(String.format(json, args)).filter();
    assertEquals(Verdict.ALLOW, answer(filter, SyscallNumber.MKDIR, 598));
    assertEquals(Verdict.ERRNO | 1, answer(filter, SyscallNumber.MKDIR, 599));
    assertEquals(Verdict.ALLOW, answer(filter, SyscallNumber.READ));
    SeccompConfig tooLong =
        config(String.format(json, args + "," + args + "," + args + "," + args));
    assertTrue(
        assertThrows(ConfigException.class, tooLong::filter)
            .getMessage()
            .startsWith("linux.seccomp: a program of"));
  }
}

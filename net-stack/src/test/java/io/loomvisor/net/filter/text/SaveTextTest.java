package io.loomvisor.net.filter.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.filter.Counters;
import io.loomvisor.net.filter.Firewall;
import io.loomvisor.net.filter.Rule;
import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.filter.TableName;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rules as text. What is in {@link #SAVED} was printed by iptables-legacy-save 1.8.9. */
final class SaveTextTest {
  /** As Docker and kube-proxy install them, and one chain with what those do not use. */
  private static final String SAVED =
      """
      *nat
      :PREROUTING ACCEPT [0:0]
      :INPUT ACCEPT [0:0]
      :OUTPUT ACCEPT [0:0]
      :POSTROUTING ACCEPT [0:0]
      :DOCKER - [0:0]
      :KUBE-MARK-MASQ - [0:0]
      :KUBE-NODEPORTS - [0:0]
      :KUBE-POSTROUTING - [0:0]
      :KUBE-SEP-A - [0:0]
      :KUBE-SEP-B - [0:0]
      :KUBE-SERVICES - [0:0]
      :KUBE-SVC-WEB - [0:0]
      -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
      -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
      -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
      -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
      -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
      -A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
      -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
      -A DOCKER -i docker0 -j RETURN
      -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
      -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
      -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
      -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
      -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random
      -A KUBE-SEP-A -s 10.244.0.5/32 -m comment --comment "default/web" -j KUBE-MARK-MASQ
      -A KUBE-SEP-A -p tcp -m comment --comment "default/web" -j DNAT --to-destination 10.244.0.5:8080
      -A KUBE-SEP-B -s 10.244.0.6/32 -m comment --comment "default/web" -j KUBE-MARK-MASQ
      -A KUBE-SEP-B -p tcp -m comment --comment "default/web" -j DNAT --to-destination 10.244.0.6:8080
      -A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-WEB
      -A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
      -A KUBE-SVC-WEB ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
      -A KUBE-SVC-WEB -m comment --comment "default/web -> 10.244.0.5:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-A
      -A KUBE-SVC-WEB -m comment --comment "default/web -> 10.244.0.6:8080" -j KUBE-SEP-B
      COMMIT
      *filter
      :INPUT ACCEPT [0:0]
      :FORWARD DROP [0:0]
      :OUTPUT ACCEPT [0:0]
      :DOCKER - [0:0]
      :DOCKER-ISOLATION-STAGE-1 - [0:0]
      :DOCKER-ISOLATION-STAGE-2 - [0:0]
      :DOCKER-USER - [0:0]
      :MORE - [0:0]
      -A FORWARD -j DOCKER-USER
      -A FORWARD -j DOCKER-ISOLATION-STAGE-1
      -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      -A FORWARD -o docker0 -j DOCKER
      -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
      -A FORWARD -i docker0 -o docker0 -j ACCEPT
      -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
      -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
      -A DOCKER-ISOLATION-STAGE-1 -j RETURN
      -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
      -A DOCKER-ISOLATION-STAGE-2 -j RETURN
      -A DOCKER-USER -j RETURN
      -A MORE -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset
      -A MORE -p udp -m multiport --dports 53,100:200 -j LOG --log-prefix "dns: " --log-level 6
      -A MORE -p icmp -m icmp --icmp-type 3/4 -m limit --limit 5/min --limit-burst 10 -j REJECT --reject-with icmp-admin-prohibited
      -A MORE -p tcp -m tcp ! --sport 1024:65535 -g DOCKER-USER
      -A MORE -m statistic --mode nth --every 3 --packet 1 -j DROP
      COMMIT
      """;

  private static RuleSet parse(String... lines) {
    return SaveText.parse(String.join("\n", lines), false);
  }

  private static String filter(String rule) {
    return "*filter\n:INPUT ACCEPT [0:0]\n:A - [0:0]\n" + rule + "\nCOMMIT\n";
  }

  @Test
  void whatIptablesSavedIsReadAndWrittenAgain() {
    RuleSet rules = SaveText.parse(SAVED, false);
    assertEquals(SAVED, SaveText.format(rules));
    assertEquals(rules, SaveText.parse(SaveText.format(rules), false));
  }

  @Test
  void theSameInOtherWords() {
    assertSame("-s 10.0.0.0/255.0.0.0 -j ACCEPT", "--source 10.1.2.3/8 --jump ACCEPT");
    assertSame("-p tcp -m tcp --syn -j DROP", "-p 6 --tcp-flags SYN,RST,ACK,FIN SYN -j DROP");
    assertSame("-p icmp --icmp-type echo-request -j DROP", "-p icmp -m icmp --icmp-type 8 -j DROP");
    assertSame("-m state --state NEW -j DROP", "-m conntrack --ctstate NEW -j DROP");
    assertSame("-p tcp --dport :1023 -j DROP", "-p tcp --destination-port 0:1023 -j DROP");
    assertSame("-m limit -j DROP", "-m limit --limit 3/h --limit-burst 5 -j DROP");
    assertSame("-j REJECT", "-p all -j REJECT --reject-with icmp-port-unreachable");
    assertSame("-j LOG --log-level warning", "-j LOG --log-level 4");
    assertSame(
        "-m comment --comment \"a \\\"b\\\" c\"",
        "-m comment --comment \"a \\\"b\\\" \"c".replace("\" \"c", "\" c\""));
  }

  private static void assertSame(String one, String other) {
    assertEquals(
        SaveText.parse(filter("-A A " + one), false),
        SaveText.parse(filter("-A A " + other), false));
  }

  @Test
  void marksAndPlaces() {
    RuleSet m =
        parse(
            "*mangle",
            "-A INPUT -j MARK --set-mark 0x10/0xf0",
            "-I INPUT -j MARK --or-mark 1",
            "-I INPUT 2 -j MARK --and-mark 0xff",
            "-N B",
            "-P FORWARD DROP",
            "[7:70] -A B -i eth+",
            "COMMIT");
    String text = SaveText.format(m);
    int or = text.indexOf("0x1/0x1");
    int and = text.indexOf("0x0/0xffffff00");
    int set = text.indexOf("0x10/0xf0");
    assertTrue(or > 0 && or < and && and < set, text);
    assertTrue(text.contains(":FORWARD DROP [0:0]\n"), text);
    Rule b = m.chains().get(TableName.MANGLE).get("B").rules().getFirst();
    assertEquals(70, b.bytes());
  }

  @Test
  void addressesOfTranslationsInBothVersions() {
    String[] targets = {
      "DNAT --to-destination [fd00::1]:80",
      "DNAT --to-destination fd00::1-fd00::9",
      "DNAT --to-destination [fd00::1]-[fd00::9]:80-90",
      "DNAT --to-destination :81",
      "DNAT --to-destination fd00::1 --persistent"
    };
    for (String t : targets) {
      String text = "*nat\n-A PREROUTING -p tcp -j " + t + "\nCOMMIT";
      RuleSet r = SaveText.parse(text, true);
      assertTrue(SaveText.format(r).contains(t + "\n"), SaveText.format(r));
    }
    RuleSet four =
        parse("*nat", "-A POSTROUTING -p udp -j SNAT --to-source 10.0.0.1-10.0.0.4:7-9", "COMMIT");
    assertTrue(SaveText.format(four).contains("--to-source 10.0.0.1-10.0.0.4:7-9\n"));
  }

  @Test
  void ipv6HasItsOwnTypesAndAddresses() {
    String text =
        "*filter\n-A INPUT -s fd00::/8 -p ipv6-icmp -m icmp6 --icmpv6-type 128 "
            + "-j REJECT --reject-with icmp6-adm-prohibited\nCOMMIT";
    RuleSet r = SaveText.parse(text, true);
    assertTrue(SaveText.format(r).contains(text.substring(8, text.length() - 7)));
    assertProblem(
        assertThrows(
            RuleSyntaxException.class,
            () -> SaveText.parse("*filter\n-A INPUT -s 10.0.0.1 -j DROP\nCOMMIT", true)),
        2,
        "10.0.0.1",
        "other IP version");
  }

  @Test
  void countersAreWrittenWithTheRules() {
    try (NetStack s = NetStack.builder().build()) {
      Firewall f = s.firewall();
      f.install(SaveText.parse(filter("[3:300] -A INPUT -j ACCEPT"), false));
      Counters c = f.counters(false);
      String text = SaveText.format(f.rules(false), c);
      assertTrue(text.contains("[3:300] -A INPUT -j ACCEPT\n"), text);
    }
  }

  /** Rule, the word that is wrong, a part of what is said. */
  private static final Map<String, String[]> WRONG =
      Map.ofEntries(
          wrong("-A NOWHERE -j ACCEPT", "NOWHERE", "no chain"),
          wrong("-A A -j NOWHERE", "NOWHERE", "no chain and no target"),
          wrong("-A A --dport 80 -j ACCEPT", "--dport", "needs -p tcp"),
          wrong("-A A -p tcp --dport 80000 -j ACCEPT", "80000", "between 0 and 65535"),
          wrong("-A A -p tcp --dport x -j ACCEPT", "x", "not a number"),
          wrong("-A A -p tcp --dport 9:8 -j ACCEPT", "9:8", "ends before"),
          wrong("-A A -s 10.0.0.256 -j ACCEPT", "10.0.0.256", "not an address"),
          wrong("-A A -s 10.0.0.0/33 -j ACCEPT", "33", "between 0 and 32"),
          wrong("-A A -s 10.0.0.0/255.0.255.0", "10.0.0.0/255.0.255.0", "holes"),
          wrong("-A A -m owner --uid-owner 1", "owner", "not supported"),
          wrong("-A A -m multiport --dports 1,2", "multiport", "needs -p tcp or -p udp"),
          wrong("-A A --ctstate NEW", "--ctstate", "needs -m conntrack"),
          wrong("-A A -m conntrack --ctstate NEW,OLD", "OLD", "not one of"),
          wrong("-A A -j ACCEPT -j DROP", "-j", "second target"),
          wrong("-A A -j ACCEPT --to-ports 8", "--to-ports", "not an option of ACCEPT"),
          wrong("-A A -j", "", "a target is missing"),
          wrong("-A A ! -j ACCEPT", "-j", "takes no !"),
          wrong("-A A -m comment --comment \"no end", "no end", "quote"),
          wrong("-A A --what", "--what", "not known"),
          wrong("-A A -j MASQUERADE", "MASQUERADE", "cannot be in table filter"),
          wrong("-A A -p udp -j REJECT --reject-with tcp-reset", "tcp-reset", "needs -p tcp"),
          wrong("-A A -j REJECT --reject-with icmp6-no-route", "icmp6-no-route", "not a way"),
          wrong("-A INPUT -o eth0 -j DROP", "DROP", "cannot be used in INPUT"),
          wrong("-A A -i averylonginterfacename", "averylonginterfacename", "not the name"),
          wrong("-D A 1", "-D", "this command is not supported"),
          wrong("-I A 5 -j ACCEPT", "A", "no place 5"),
          wrong("-N A", "A", "exists already"),
          wrong("-P A DROP", "A", "only built-in"),
          wrong("-P INPUT REJECT", "REJECT", "neither ACCEPT nor DROP"),
          wrong("[1:x] -A A", "[1:x]", "not [packets:bytes]"),
          wrong(":PREROUTING ACCEPT", "PREROUTING", "not a chain of table filter"),
          wrong(":OUTPUT -", "-", "needs a policy"),
          wrong("-A A -m statistic --mode random --probability 2", "2", "between 0 and 1"),
          wrong("-A A -m limit --limit 3/fortnight", "3/fortnight", "not a rate"),
          wrong("*nat", "*nat", "COMMIT is missing"));

  private static Map.Entry<String, String[]> wrong(String rule, String word, String problem) {
    return Map.entry(rule, new String[] {word, problem});
  }

  @Test
  void whatIsWrongIsNamedByLineAndWord() {
    WRONG.forEach(
        (rule, said) -> {
          RuleSyntaxException e =
              assertThrows(
                  RuleSyntaxException.class, () -> SaveText.parse(filter(rule), false), rule);
          assertProblem(e, 4, said[0], said[1]);
        });
  }

  private static void assertProblem(RuleSyntaxException e, int line, String word, String said) {
    assertEquals(line, e.line(), e.getMessage());
    assertEquals(word, e.word(), e.getMessage());
    assertTrue(e.getMessage().contains(said), e.getMessage());
  }

  @Test
  void textsAsAWholeAreChecked() {
    assertProblem(bad("-A INPUT -j DROP"), 1, "-A", "no table");
    assertProblem(bad("*filter"), 1, "", "COMMIT is missing");
    assertProblem(bad("*filter", "COMMIT", "*filter", "COMMIT"), 3, "filter", "second time");
    assertProblem(bad("*security", "COMMIT"), 1, "security", "not supported");
    assertProblem(bad("*filter", ":A -", "-A A -j A", "COMMIT"), 4, "COMMIT", "jumps to itself");
    assertProblem(
        bad("*nat", ":A -", "-A A -j SNAT --to-source 1.2.3.4", "-A PREROUTING -j A", "COMMIT"),
        5,
        "COMMIT",
        "cannot be reached from PREROUTING");
  }

  private static RuleSyntaxException bad(String... lines) {
    return assertThrows(RuleSyntaxException.class, () -> parse(lines));
  }

  /** Spoilt texts are read or refused with a line, and what is read can be written. */
  @Test
  void spoiltTextsAreReadOrRefused() {
    Random r = new Random(3);
    String alphabet = " -:[]!\"\\/.,0123456789AEIOUabcdefx\n*#";
    int read = 0;
    for (int i = 0; i < 3000; i++) {
      StringBuilder s = new StringBuilder(SAVED);
      for (int n = r.nextInt(4); n >= 0; n--) {
        int at = r.nextInt(s.length());
        char c = alphabet.charAt(r.nextInt(alphabet.length()));
        switch (r.nextInt(4)) {
          case 0 -> s.setCharAt(at, c);
          case 1 -> s.insert(at, c);
          case 2 -> s.delete(at, Math.min(s.length(), at + r.nextInt(12)));
          default -> s.insert(at, s.substring(at, Math.min(s.length(), at + r.nextInt(40))));
        }
      }
      try {
        RuleSet rules = SaveText.parse(s.toString(), false);
        assertEquals(rules, SaveText.parse(SaveText.format(rules), false));
        read++;
      } catch (RuleSyntaxException e) {
        assertTrue(e.line() > 0);
      }
    }
    assertTrue(read > 60, "read " + read);
  }
}

package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PortsTest {

  @Test
  void findsDifferentOnes() {
    assertThat(Ports.free(20)).doesNotHaveDuplicates().allMatch(port -> port > 0);
  }

  @Test
  void tellsABusyPortFromOneThatIsNotForTheUser() {
    assertThat(Ports.reason("Kafka", 9092, "Address already in use"))
        .isEqualTo(
            "port 9092 for Kafka is busy: Address already in use; stop what listens there or choose another");
    assertThat(Ports.reason("Kafka", 80, "Permission denied"))
        .isEqualTo(
            "port 80 for Kafka is not for this user: Permission denied; choose one above 1023");
  }
}

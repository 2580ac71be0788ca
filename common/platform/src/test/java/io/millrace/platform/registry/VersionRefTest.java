package io.millrace.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionRefTest {

  @Test
  void readsAModelAndOneOfItsVersions() {
    assertThat(VersionRef.parse("from", "writer"))
        .isEqualTo(new VersionRef("writer", new VersionRef.Unnamed()));
    assertThat(VersionRef.parse("from", "writer@12"))
        .isEqualTo(new VersionRef("writer", new VersionRef.Number(12)));
  }

  @Test
  void readsTheNamesThatEveryModelHas() {
    for (VersionRef.Alias alias : VersionRef.Alias.values()) {
      VersionRef reference = new VersionRef("writer", alias);
      assertThat(VersionRef.parse("model", reference.toString())).isEqualTo(reference);
    }
    assertThat(VersionRef.parse("model", "writer@stable").which())
        .isEqualTo(VersionRef.Alias.STABLE);
  }

  @Test
  void writesWhatItReads() {
    assertThat(new VersionRef("writer", new VersionRef.Number(12))).hasToString("writer@12");
    assertThat(new VersionRef("writer", new VersionRef.Unnamed())).hasToString("writer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"writer@", "writer@0", "writer@-1", "writer@x", "writer@1@2", "writer@1234567890"})
  void refusesWhatIsNoVersion(String text) {
    assertThatThrownBy(() -> VersionRef.parse("from", text)).hasMessageContaining("is no version");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@1", "Bad.Name", "../up@1"})
  void refusesWhatIsNoName(String text) {
    assertThatThrownBy(() -> VersionRef.parse("from", text))
        .hasMessageContaining("from is not a name");
  }
}

package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.store.ObjectStore;
import org.junit.jupiter.api.Test;

/** The gateway is small: it has no object store, and carries no client of one. */
class ClassPathTest {

  @Test
  void hasNoClientOfS3() {
    assertThat(ObjectStore.class.getResource("/software/amazon/awssdk/services/s3/S3Client.class"))
        .isNull();
    assertThat(ObjectStore.class.getResource("/software/amazon/awssdk/core/SdkClient.class"))
        .isNull();
  }
}

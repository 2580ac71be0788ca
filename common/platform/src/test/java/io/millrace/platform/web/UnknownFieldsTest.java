package io.millrace.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.inference.v1.DetectResponse;
import io.millrace.contracts.inference.v1.Detection;
import org.junit.jupiter.api.Test;

class UnknownFieldsTest {
  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder().addField(77, Field.newBuilder().addVarint(1).build()).build();

  @Test
  void findsThemAtAnyDepth() {
    Box box = Box.newBuilder().setLabel("a").build();
    Detection good = Detection.newBuilder().setBox(box).build();
    Detection bad = good.toBuilder().setBox(box.toBuilder().setUnknownFields(UNKNOWN)).build();
    DetectResponse response =
        DetectResponse.newBuilder().addDetections(good).addDetections(bad).build();

    assertThat(UnknownFields.in(response)).containsExactly("millrace.data.v1.Box.77");
    assertThat(UnknownFields.in(response.toBuilder().setUnknownFields(UNKNOWN).build()))
        .containsExactly("millrace.inference.v1.DetectResponse.77", "millrace.data.v1.Box.77");
    assertThat(UnknownFields.in(good)).isEmpty();
  }
}

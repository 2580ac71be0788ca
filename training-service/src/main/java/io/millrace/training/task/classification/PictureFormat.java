package io.millrace.training.task.classification;

import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.SamplePictures;
import java.util.List;

/** Pictures of the encoder's size with the classes of whole pictures; boxes mean nothing here. */
final class PictureFormat implements RecordFormat<Sample, ExampleBatch> {

  private final SamplePictures pictures;
  private final int classes;

  PictureFormat(PictureEncoder encoder, int classes) {
    this.pictures = new SamplePictures(encoder);
    this.classes = classes;
  }

  @Override
  public Sample parse(byte[] value) {
    Sample sample = Samples.parse(value);
    if (sample.hasClassIndex()) {
      Labels.require("document '" + sample.getDocumentId() + "'", sample.getClassIndex(), classes);
    }
    return sample;
  }

  @Override
  public long sequenceNumber(Sample sample) {
    return sample.getSequenceNumber();
  }

  @Override
  public String dataset(Sample sample) {
    return sample.getDataset();
  }

  @Override
  public ExampleBatch assemble(List<Sample> samples) {
    long[] labels =
        samples.stream()
            .mapToLong(
                sample -> sample.hasClassIndex() ? sample.getClassIndex() : ExampleBatch.NONE)
            .toArray();
    return new ExampleBatch(new Inputs.Documents(pictures.batch(samples)), labels);
  }
}

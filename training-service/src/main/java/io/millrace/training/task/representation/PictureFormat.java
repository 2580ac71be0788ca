package io.millrace.training.task.representation;

import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.SamplePictures;
import java.util.List;

/**
 * Samples as batches of pictures of the encoder's input size, whatever size they are stored at;
 * boxes and labels mean nothing to an encoder.
 */
final class PictureFormat implements RecordFormat<Sample, EncoderBatch> {
  private final SamplePictures pictures;

  PictureFormat(PictureEncoder encoder) {
    this.pictures = new SamplePictures(encoder);
  }

  @Override
  public Sample parse(byte[] value) {
    return Samples.parse(value);
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
  public EncoderBatch assemble(List<Sample> samples) {
    return pictures.batch(samples);
  }
}

package org.sluice.model;

import java.util.Arrays;
import org.sluice.tensor.Loss;

/**
 * The slow, obvious twin of {@link Decoder}'s forward: plain loops in double precision, one sequence and one head at a time, written from
 * the formulas and sharing no code with it. Activations are {@code [token][value]}.
 */
final class PlainDecoder {
    private final DecoderConfig config;
    private final ParameterLayout layout;
    private final double[] parameters;

    /** @param parameters the flat space; changes to it show in the next call */
    PlainDecoder(DecoderConfig config, double[] parameters) {
        this.config = config;
        this.layout = ParameterLayout.of(config);
        this.parameters = parameters;
    }

    /** The sum over targets of {@code loss + zLossWeight * L^2}. */
    double objective(TokenBatch batch, double zLossWeight) {
        double sum = 0;
        for (int sequence = 0; sequence < batch.sequences(); sequence++) {
            sum += sequenceObjective(batch, sequence * batch.length(), zLossWeight);
        }
        return sum;
    }

    private double sequenceObjective(TokenBatch batch, int first, double zLossWeight) {
        double[][] hidden = hidden(batch, first);
        double[] table = weight(config.tiedEmbedding() ? "model.embed_tokens.weight" : "lm_head.weight");
        double sum = 0;
        for (int t = 0; t < batch.length(); t++) {
            int target = batch.targets()[first + t];
            if (target != Loss.IGNORED) {
                double[] logits = product(table, config.vocabulary(), hidden[t]);
                double logSumExp = logSumExp(logits, 0, logits.length - 1);
                sum += logSumExp - logits[target] + zLossWeight * logSumExp * logSumExp;
            }
        }
        return sum;
    }

    private double[][] hidden(TokenBatch batch, int first) {
        int length = batch.length();
        int size = config.hidden();
        double[][] stream = new double[length][size];
        double[] table = weight("model.embed_tokens.weight");
        for (int t = 0; t < length; t++) {
            System.arraycopy(table, batch.tokens()[first + t] * size, stream[t], 0, size);
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            double[][] input = normalised(stream, weight(prefix + "input_layernorm.weight"));
            add(attention(prefix + "self_attn.", input, batch.firstVisible(), first), stream);
            input = normalised(stream, weight(prefix + "post_attention_layernorm.weight"));
            add(feedForward(prefix + "mlp.", input), stream);
        }
        return normalised(stream, weight("model.norm.weight"));
    }

    private double[][] attention(String prefix, double[][] input, int[] firstVisible, int first) {
        int headDim = config.headDim();
        int length = input.length;
        double[][] output = new double[length][config.heads() * headDim];
        double[][] query = project(input, prefix + "q_proj.weight", config.heads() * headDim);
        double[][] key = project(input, prefix + "k_proj.weight", config.kvHeads() * headDim);
        double[][] value = project(input, prefix + "v_proj.weight", config.kvHeads() * headDim);
        for (int head = 0; head < config.heads(); head++) {
            int kvHead = head / (config.heads() / config.kvHeads());
            double[][] q = rotated(query, head, weight(prefix + "q_norm.weight"));
            double[][] k = rotated(key, kvHead, weight(prefix + "k_norm.weight"));
            for (int t = 0; t < length; t++) {
                double[] scores = new double[t + 1];
                int start = firstVisible[first + t];
                for (int j = start; j <= t; j++) {
                    scores[j] = dot(q[t], k[j]) / Math.sqrt(headDim);
                }
                double logSumExp = logSumExp(scores, start, t);
                for (int j = start; j <= t; j++) {
                    for (int e = 0; e < headDim; e++) {
                        output[t][head * headDim + e] +=
                                Math.exp(scores[j] - logSumExp) * value[j][kvHead * headDim + e];
                    }
                }
            }
        }
        gate(prefix + "gate_proj.weight", input, output);
        return project(output, prefix + "o_proj.weight", config.hidden());
    }

    private void gate(String name, double[][] input, double[][] output) {
        if (config.gate().equals(GateConfig.NONE)) {
            return;
        }
        boolean headwise = config.gate().equals(GateConfig.SDPA_HEADWISE);
        int headDim = config.headDim();
        double[][] logits = project(input, name, headwise ? config.heads() : config.heads() * headDim);
        for (int t = 0; t < output.length; t++) {
            for (int i = 0; i < output[t].length; i++) {
                output[t][i] *= sigmoid(logits[t][headwise ? i / headDim : i]);
            }
        }
    }

    /** QK-norm and RoPE of one head of every token. */
    private double[][] rotated(double[][] heads, int head, double[] normWeight) {
        int headDim = config.headDim();
        double[][] one = new double[heads.length][];
        for (int t = 0; t < heads.length; t++) {
            one[t] = Arrays.copyOfRange(heads[t], head * headDim, (head + 1) * headDim);
        }
        double[][] y = normalised(one, normWeight);
        double[][] out = new double[heads.length][headDim];
        for (int t = 0; t < heads.length; t++) {
            for (int i = 0; i < headDim / 2; i++) {
                double angle = t / Math.pow(config.ropeBase(), 2.0 * i / headDim);
                out[t][i] = y[t][i] * Math.cos(angle) - y[t][i + headDim / 2] * Math.sin(angle);
                out[t][i + headDim / 2] = y[t][i + headDim / 2] * Math.cos(angle) + y[t][i] * Math.sin(angle);
            }
        }
        return out;
    }

    private double[][] feedForward(String prefix, double[][] input) {
        double[][] gate = project(input, prefix + "gate_proj.weight", config.ffn());
        double[][] up = project(input, prefix + "up_proj.weight", config.ffn());
        for (int t = 0; t < input.length; t++) {
            for (int i = 0; i < config.ffn(); i++) {
                up[t][i] *= gate[t][i] * sigmoid(gate[t][i]);
            }
        }
        return project(up, prefix + "down_proj.weight", config.hidden());
    }

    private double[][] normalised(double[][] x, double[] weight) {
        double[][] out = new double[x.length][weight.length];
        for (int t = 0; t < x.length; t++) {
            double inverseRms = 1 / Math.sqrt(dot(x[t], x[t]) / weight.length + config.normEpsilon());
            for (int i = 0; i < weight.length; i++) {
                out[t][i] = weight[i] * x[t][i] * inverseRms;
            }
        }
        return out;
    }

    private double[][] project(double[][] x, String name, int outputs) {
        double[] weight = weight(name);
        double[][] out = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            out[t] = product(weight, outputs, x[t]);
        }
        return out;
    }

    private static double[] product(double[] weight, int outputs, double[] x) {
        double[] out = new double[outputs];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < x.length; i++) {
                out[o] += weight[o * x.length + i] * x[i];
            }
        }
        return out;
    }

    private static void add(double[][] branch, double[][] stream) {
        for (int t = 0; t < stream.length; t++) {
            for (int i = 0; i < stream[t].length; i++) {
                stream[t][i] += branch[t][i];
            }
        }
    }

    private static double logSumExp(double[] x, int from, int to) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i <= to; i++) {
            max = Math.max(max, x[i]);
        }
        double sum = 0;
        for (int i = from; i <= to; i++) {
            sum += Math.exp(x[i] - max);
        }
        return max + Math.log(sum);
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private double[] weight(String name) {
        Parameter parameter = layout.named(name);
        return Arrays.copyOfRange(parameters, (int) parameter.offset(), (int) parameter.end());
    }
}

// Package onnx reads other people's networks: the graph that torch.onnx.export and other
// programs write becomes a network of package nn, with all of its rules, whose parameters have
// the names that they have in PyTorch.
//
// Laws:
//
//   - A file is hostile until it has been read: no file makes the package panic, and none makes
//     it take more memory than a small multiple of its size, beside some hundred megabytes.
//   - An operator that is not supported is named with its node before anything is computed, and
//     so are shapes that do not fit.
//   - A network has the graph's outputs to rounding, with two differences. Batch norm uses the
//     statistics of each batch or, in plans for inference, the running ones of the file,
//     whichever of them the graph was exported with. A mask of truth values is −Inf where it hides
//     all keys of a query, as in PyTorch, also if an exporter wrote it as a finite number.
//   - A network ends where its loss begins: at the first output, before a softmax or sigmoid that the
//     loss makes itself, or at what an output that is a loss is computed of. Notes say so.
//   - Names of parameters follow from the names of initializers: those of weight and bias of an
//     operation "conv1" are "conv1.weight" and "conv1.bias". An initializer without such a name
//     takes that of its node.
//   - The numbers of weights are read only if [Network.Weights] asks for them: a graph can
//     do without its external data if the weights come from elsewhere. Only a last layer is compared
//     with the embedding whose weights it may have, if both are there.
//   - A mask of padding among the inputs is no input of the network: its sequences have lengths. A
//     mask with holes is the last input of the network.
//
// The format is that of ONNX 1.8 to 1.18 (opset 13 to 23): https://onnx.ai/onnx/repo-docs/IR.html.
// Of its protobuf messages the package reads the fields that it needs.
package onnx

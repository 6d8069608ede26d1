namespace Broker.Tests.Testing;

/// <summary>The broker did not do what a script expected of it.</summary>
public sealed class ScriptException(string message, Exception? cause = null) : Exception(message, cause);

import { azureOpenAiSettings, EngineError, type AzureOpenAiSettings, type LanguageModel } from '@parley/ports';
import { assertApiKey, httpBase, settingsFor } from '@parley/provider-kit';
import { AzureChatModel, AzureV1ChatModel } from './open-ai-chat-model.js';
import { chatModelFields } from './open-ai.js';

/** What {@link createAzureOpenAi} needs. */
export interface AzureOpenAiOptions {
  apiKey: string;
  /** Of the resource: goes before `endpoint` of the settings. */
  baseUrl?: string;
  /** What an agent sets goes before it; the model that an agent names is a deployment. */
  settings: AzureOpenAiSettings;
  /** How long the first word may take, the connection included, and each further one after the one before it; in ms. @defaultValue 5000 */
  answerTimeoutMs?: number;
}

const PROVIDER = 'Azure OpenAI';

/**
 * A source of chat models that Azure serves for OpenAI: deployments with a version of the API, or the API `v1`. Streams,
 * never retries by itself, and throws only `EngineError`, with the codes of `createOpenAi`.
 * @throws {EngineError} `engine_settings` without a key, and without an endpoint or with one that is none
 */
export function createAzureOpenAi(options: AzureOpenAiOptions): LanguageModel {
  const { apiKey, settings, answerTimeoutMs = 5000 } = options;
  assertApiKey(PROVIDER, apiKey);
  const given = options.baseUrl ?? settings.endpoint;
  if (given === undefined) throw new EngineError('engine_settings', `${PROVIDER}: there is no endpoint`, false);
  const endpoint = httpBase(PROVIDER, given);
  return {
    name: 'azure',
    capabilities: { streaming: true, tools: true },
    createChatModel({ model: ofAgent, ...rest }) {
      const asked = ofAgent === undefined ? rest : { ...rest, deployment: ofAgent, model: ofAgent };
      const { deployment, apiVersion, model = deployment, ...wanted } = settingsFor(PROVIDER, azureOpenAiSettings, settings, asked); // prettier-ignore
      if (apiVersion === 'v1') {
        const { configuration, ...fields } = chatModelFields({ apiKey, baseURL: `${endpoint}/openai/v1`, answerTimeoutMs, model, ...wanted }); // prettier-ignore
        const fetch = withKeyHeader(apiKey);
        return new AzureV1ChatModel(deployment, { ...fields, configuration: { ...configuration, fetch } });
      }
      const basePath = `${endpoint}/openai/deployments`;
      return new AzureChatModel({
        ...chatModelFields({ apiKey, baseURL: basePath, answerTimeoutMs, model, ...wanted }),
        azureOpenAIApiKey: apiKey,
        azureOpenAIBasePath: basePath,
        azureOpenAIApiDeploymentName: encodeURIComponent(deployment),
        azureOpenAIApiVersion: apiVersion,
      });
    },
  };
}

/** OpenAI's client sends keys as bearer tokens, which are another thing here, and LangChain drops the setting against it. */
function withKeyHeader(apiKey: string): typeof fetch {
  return (url, init) => {
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    headers.set('api-key', apiKey);
    return fetch(url, { ...init, headers });
  };
}

//! The pack in Portuguese.

use super::words::{Answers, Bodies, PayButton, Words};

pub(super) const WORDS: Words = Words {
    bodies: Bodies {
        upcoming: "Olá, {{customer_name}}, um lembrete amigável de {{business_name}} sobre o que vence em breve: \
           {{invoice_list}}. O total é {{total}}. Se já estiver pago, por favor nos avise. Agradecemos \
           desde já.",
        due_today: "Olá, {{customer_name}}, um lembrete amigável de {{business_name}} sobre o que vence hoje: \
            {{invoice_list}}. O total é {{total}}. Se já estiver pago, por favor nos avise. Agradecemos desde já.",
        overdue_gentle: "Olá, {{customer_name}}, aqui é {{business_name}}. De acordo com os nossos registros, já \
           venceu o seguinte: {{invoice_list}}. O total é {{total}}. Se já estiver pago, por favor nos \
           avise e aceite o nosso agradecimento.",
        overdue_firm: "Olá, {{customer_name}}, {{business_name}} continua aguardando o pagamento de: \
           {{invoice_list}}. O total é {{total}}. Por favor, pague agora ou responda com uma data. Se \
           já estiver pago, por favor nos avise.",
        overdue_final: "Olá, {{customer_name}}, este é o último lembrete de {{business_name}} sobre: \
           {{invoice_list}}. O total é {{total}}. Por favor, pague ou responda hoje para encontrarmos \
           juntos uma solução. Se já estiver pago, por favor nos avise.",
        statement: "Olá, {{customer_name}}, este é o extrato da sua conta com {{business_name}}. Está vencido o \
            seguinte: {{invoice_list}}. O total é {{total}}. Se já estiver pago, por favor nos avise. Agradecemos \
            desde já.",
        promise_missed: "Olá, {{customer_name}}, {{business_name}} esperava o pagamento prometido e ainda não o \
           recebeu: {{invoice_list}}. O total é {{total}}. Se já estiver pago, por favor nos avise; se \
           não, responda com uma nova data.",
        thank_you: "Olá, {{customer_name}}, {{business_name}} recebeu o seu pagamento de {{paid_amount}}. \
           Agradecemos muito.",
        part_payment: "Olá, {{customer_name}}, {{business_name}} recebeu o seu pagamento de {{paid_amount}}. \
           Agradecemos muito. Continua em aberto e vencido: {{invoice_list}}. O total é {{total}}. Se \
           já estiver pago, por favor nos avise.",
    },
    footer: "Responda PARAR para não receber mais lembretes.",
    attached: "A fatura segue em anexo.",
    answers: Answers {
        leads: "Escolha uma resposta abaixo ou escreva para nós.",
        labels: ["Já paguei", "Pagar em uma data", "Pergunta"],
    },
    pay: PayButton { leads: "Você pode ver e pagar a fatura abaixo.", label: ["Ver e pagar"] },
};
